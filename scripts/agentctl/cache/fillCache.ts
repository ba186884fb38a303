import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { findTool } from '../../../lib/composeWorker.ts';
import type { Config } from '../../../lib/config/config.ts';
import { Complaint } from '../complaint.ts';
import { EXIT } from '../exitCode.ts';
import type { CacheCommand, Recipe, Scene } from './recipe.ts';

interface Told {
  config: Config;
  environment: Readonly<Record<string, string | undefined>>;
  /** Gets each command before it is run. */
  onCommand: (line: string) => void;
}

/** Runs the commands of a recipe, with the network; answers with the folders that are filled now. */
export async function fillCache(
  recipe: Recipe,
  { caches, folder }: Scene,
  told: Told,
): Promise<string[]> {
  const folders = recipe.caches.map((name) => join(caches, name));
  for (const path of folders) mkdirSync(path, { recursive: true });
  for (const command of recipe.commands) await runCommand(command, folder, told);
  recipe.finish?.();
  return folders;
}

async function runCommand(command: CacheCommand, cwd: string, told: Told): Promise<void> {
  const { tool, args, env, mayFail = false } = command;
  const line = [tool, ...args].join(' ');
  told.onCommand(line);
  const program = locate(tool, told.config);
  const ran = await execa(program, args, {
    ...{ cwd, env: { ...told.environment, ...env }, extendEnv: false },
    ...{ reject: false, all: true, stdin: 'ignore' },
  });
  if (ran.exitCode === 0 || mayFail) return;
  throw new Complaint(EXIT.failed, {
    what: `${tool} could not fetch what the project needs`,
    why: lastLines(ran.all || (ran.shortMessage ?? `it ended with ${ran.exitCode}`)),
    next: `once that is mended, or its registry can be reached: the same command again (it ran: ${line})`,
  });
}

/** The program that the sandbox will run: one of another version would fetch for itself. */
function locate(tool: string, config: Config): string {
  const found = findTool(config, tool);
  if ('path' in found) return found.path;
  throw new Complaint(EXIT.failed, {
    what: `${tool} is not on this machine`,
    why: ['the cache is filled by the tool that will use it'],
    next: `install it, on Debian and Ubuntu by: apt-get install ${found.debian}`,
  });
}

const MOST_LINES = 15;

function lastLines(output: string): string[] {
  return output.trimEnd().split('\n').slice(-MOST_LINES);
}
