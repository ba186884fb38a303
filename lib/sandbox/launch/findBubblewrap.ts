import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '../../telemetry/telemetry.ts';
import { downloadBubblewrap } from './downloadBubblewrap.ts';

export interface BubblewrapSearch {
  /** Folders of commands, in order. */
  searchPath: readonly string[];
  /** AGENT_HOME/tools: where a copy of our own is or will be. */
  toolsDir: string;
  logger: Logger;
}

export type FoundBubblewrap = { kind: 'found'; file: string } | { kind: 'missing'; reason: string };

/** bwrap from the path, else our own copy, else Debian's package, fetched without being root. */
export async function findBubblewrap(search: BubblewrapSearch): Promise<FoundBubblewrap> {
  const { searchPath, toolsDir } = search;
  const own = path.join(toolsDir, 'bubblewrap', 'usr', 'bin', 'bwrap');
  const flaws: string[] = [];
  for (const file of [...searchPath.map((folder) => path.join(folder, 'bwrap')), own]) {
    if (!fs.existsSync(file)) continue;
    const flaw = await flawOf(file);
    if (flaw === undefined) return { kind: 'found', file: fs.realpathSync(file) };
    flaws.push(`${file} ${flaw}`);
  }
  const failed = await downloadBubblewrap(toolsDir, search.logger);
  const flaw = failed ?? (await flawOf(own));
  if (flaw === undefined) return { kind: 'found', file: fs.realpathSync(own) };
  return { kind: 'missing', reason: [...flaws, flaw].join('; ') };
}

const NEEDED = ['--bind-fd', '--disable-userns', '--add-seccomp-fd', '--json-status-fd'];

/** Why a bwrap cannot be used, undefined when it can. */
async function flawOf(file: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(file, ['--help'], { timeout: 5000, env: {} });
    const lacking = NEEDED.filter((option) => !stdout.includes(option));
    return lacking.length === 0 ? undefined : `is too old: it lacks ${lacking.join(', ')}`;
  } catch (error) {
    return `does not run (${error instanceof Error ? error.message : String(error)})`;
  }
}
