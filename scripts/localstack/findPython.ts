import { existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';

export interface Python {
  path: string;
  /** For example `3.13.0`. */
  version: string;
}

export type FoundPython = { kind: 'found'; python: Python } | { kind: 'none'; why: string };

/** The first Python on the path, or kept by pyenv, that is new enough and can make virtual environments. */
export async function findPython([major, minor]: readonly [number, number]): Promise<FoundPython> {
  const tooOld: Set<string> = new Set();
  for (const candidate of candidates()) {
    const told = await ask(candidate);
    if (told === undefined) continue;
    const [ownMajor = 0, ownMinor = 0] = told.version.split('.').map(Number);
    if (ownMajor !== major || ownMinor < minor) tooOld.add(told.version);
    else if (told.venv) return { kind: 'found', python: told };
    else return none(`${told.path} has no venv; on Debian: apt-get install python3-venv`);
  }
  const found = tooOld.size === 0 ? 'none is on the path' : `found ${[...tooOld].join(', ')}`;
  return none(`Python ${major}.${minor} or newer is needed; ${found}`);
}

const none = (why: string): FoundPython => ({ kind: 'none', why });

function candidates(): string[] {
  const pyenv = process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv');
  const kept = existsSync(pyenv) ? globSync('versions/3.*/bin/python3', { cwd: pyenv }) : [];
  const minors = ['python3.13', 'python3.12', 'python3.11', 'python3.14'];
  return ['python3', ...minors, ...kept.toSorted().map((path) => join(pyenv, path))];
}

const Told = z.object({ path: z.string(), version: z.string(), venv: z.boolean() });

const QUESTION = `
import importlib.util, json, platform, sys
venv = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
print(json.dumps({"path": sys.executable, "version": platform.python_version(), "venv": venv}))
`;

/** Undefined when there is no such Python; pyenv has commands for versions that are not chosen, which fail. */
async function ask(command: string): Promise<z.infer<typeof Told> | undefined> {
  const answer = await execa(command, ['-c', QUESTION], { reject: false, timeout: 20_000 });
  return answer.exitCode === 0 ? Told.parse(JSON.parse(answer.stdout)) : undefined;
}
