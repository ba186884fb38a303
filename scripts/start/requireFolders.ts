import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../../lib/config/config.ts';
import { StartRefused } from './startRefused.ts';

/**
 * Makes the folders that the service needs, where they are missing. Throws `StartRefused` with every one that cannot be
 * used.
 */
export function requireFolders({
  agentHome,
  workspaceRoot,
}: Pick<Config, 'agentHome' | 'workspaceRoot'>): void {
  const { R_OK, W_OK, X_OK } = constants;
  const flaws = [
    flawOf('AGENT_HOME', agentHome, R_OK | W_OK | X_OK),
    // A workspace that cannot be written is still one: results are not applied then.
    flawOf('WORKSPACE_ROOT', workspaceRoot, R_OK | X_OK),
  ].filter((flaw) => flaw !== undefined);
  if (flaws.length === 0) return;
  throw new StartRefused(
    `Nothing was started:\n${flaws.join('\n')}\nChoose other folders, or let this user use these.`,
  );
}

function flawOf(variable: string, folder: string, mode: number): string | undefined {
  try {
    makeFolder(folder);
    accessSync(folder, mode);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const isFile = error.code === 'EEXIST' && 'path' in error;
    const why = isFile ? `${String(error.path)} is no folder` : error.message;
    return `  - ${variable}: ${folder} cannot be used: ${why}`;
  }
}

/** One at a time: where nothing can be made (below /proc), `recursive` of `mkdirSync` tries for ever. */
function makeFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  if (found === undefined && dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder);
}
