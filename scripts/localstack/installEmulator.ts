import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { processIdentity } from '../start/processIdentity.ts';
import type { Python } from './findPython.ts';
import { withoutPackages } from './pipOutput.ts';
import type { EmulatorPlan } from './plans.ts';

export interface Install {
  plan: EmulatorPlan;
  python: Python;
  /** The folder of all emulators. */
  home: string;
  signal: AbortSignal;
  log: (line: string) => void;
}

/** `interpreter` is the Python of the emulator's virtual environment. */
export type Installed =
  | { kind: 'installed'; interpreter: string }
  | { kind: 'unavailable'; why: string };

const VENV_TIMEOUT_MS = 120_000;
const PIP_TIMEOUT_MS = 600_000;
const PROGRESS_MS = 5_000;

/**
 * Installs into a folder named for what is in it, under another name first: a folder with the name is whole, and of two
 * runs the slower one takes the faster one's. Programs in it are called by `python -m`, which survives the renaming.
 * Throws when pip fails of anything but its index.
 */
export async function installEmulator(install: Install): Promise<Installed> {
  const { plan, python, home } = install;
  const wanted = `${python.version}\n${readFileSync(plan.requirements, 'utf8')}`;
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const folder = join(home, `${plan.name}-${digest}`);
  const installed = { kind: 'installed', interpreter: join(folder, 'bin/python') } as const;
  if (existsSync(folder)) return installed;
  const unfinished = `${folder}.unfinished-${process.pid}`;
  mkdirSync(home, { recursive: true });
  removeAbandoned(home);
  try {
    const why = await fill(unfinished, install);
    if (why !== undefined) return { kind: 'unavailable', why };
    if (!existsSync(folder)) renameSync(unfinished, folder);
    return installed;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** What runs that were killed have left half installed. */
function removeAbandoned(home: string): void {
  for (const name of globSync('*.unfinished-*', { cwd: home })) {
    const owner = Number(name.split('-').at(-1));
    if (processIdentity(owner) !== undefined) continue;
    rmSync(join(home, name), { recursive: true, force: true });
  }
}

/** Why it could not be had; undefined when it is there. */
async function fill(folder: string, install: Install): Promise<string | undefined> {
  const { plan, python, signal } = install;
  await execa(python.path, ['-m', 'venv', folder], {
    timeout: VENV_TIMEOUT_MS,
    cancelSignal: signal,
  });
  const began = performance.now();
  // Wheels only: nothing is compiled here for minutes. Where to fetch from is the business of pip's own configuration.
  const pip = execa(
    join(folder, 'bin/python'),
    [
      ...['-m', 'pip', 'install', '--requirement', plan.requirements, '--only-binary=:all:'],
      ...['--progress-bar=off', '--no-input', '--disable-pip-version-check', '--retries=2'],
    ],
    { all: true, reject: false, timeout: PIP_TIMEOUT_MS, cancelSignal: signal },
  );
  const stopProgress = showProgress(pip.all, install);
  const { failed, timedOut, all } = await pip.finally(stopProgress);
  signal.throwIfAborted();
  const seconds = Math.round((performance.now() - began) / 1_000);
  if (timedOut) return `pip had not finished after ${seconds} s`;
  if (!failed) return void install.log(`installed in ${seconds} s`);
  const why = withoutPackages(all);
  if (why !== undefined) return why;
  throw new Error(`pip could not install ${plan.title}:\n${all.slice(-2_000)}`);
}

function showProgress(output: AsyncIterable<unknown>, { plan, log }: Install): () => void {
  const total = readFileSync(plan.requirements, 'utf8').match(/^[^#\s].*==/gm)?.length ?? 0;
  const began = performance.now();
  let collected = 0;
  void count();
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - began) / 1_000);
    log(`pip has looked at ${collected} of ${total} packages, ${seconds} s`);
  }, PROGRESS_MS);
  return () => clearInterval(timer);

  async function count(): Promise<void> {
    for await (const chunk of output) {
      collected += String(chunk).match(/^Collecting /gm)?.length ?? 0;
    }
  }
}
