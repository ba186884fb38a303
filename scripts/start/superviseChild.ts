import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChildLog, openChildLog } from './childLog.ts';

export interface ChildPlan {
  name: string;
  /** Arguments of the Node that runs us. */
  args: string[];
  cwd: string;
  /** Read at every start of the child. */
  env: () => NodeJS.ProcessEnv;
  logFile: string;
  /** How long it may take to end by itself once it is told to. */
  graceMs: number;
  onMessage?: (message: unknown) => void;
}

export interface SupervisedChild {
  /** Of the latest one. */
  pid(): number;
  /** How often it has ended without being told to. */
  losses(): number;
  tail(): string;
  /** Asks it to end, and kills it after its grace, or soon after `now` fires. Idempotent. */
  stop(now?: AbortSignal): Promise<void>;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
const STEADY_MS = 30_000;
const NOW_MS = 3_000;

/** Starts the child and starts it again whenever it ends, until it is stopped. */
export function superviseChild(plan: ChildPlan, log: (line: string) => void): SupervisedChild {
  const output = openChildLog(plan.logFile, (line) => log(`${plan.name}: ${line}`));
  const stopping = new AbortController();
  let child = launch(plan, output);
  let losses = 0;

  async function keepRunning(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!stopping.signal.aborted) {
      const started = performance.now();
      const ending = await endOf(child);
      if (stopping.signal.aborted) return;
      losses += 1;
      if (performance.now() - started > STEADY_MS) pauseMs = FIRST_PAUSE_MS;
      log(`${plan.name} ended by itself (${ending}; ${plan.logFile}); again in ${pauseMs} ms`);
      await pause(pauseMs, stopping.signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      if (!stopping.signal.aborted) child = launch(plan, output);
    }
  }

  const supervising = keepRunning();
  return {
    pid: () => child.pid ?? 0,
    losses: () => losses,
    tail: () => output.tail(),
    async stop(now) {
      if (stopping.signal.aborted) return await supervising;
      stopping.abort();
      await end(child, plan.graceMs, now);
      await supervising;
      output.close();
    },
  };
}

/** In a process group of its own, so that Ctrl-C in the terminal reaches us only and children end in our order. */
function launch({ args, cwd, env, onMessage }: ChildPlan, output: ChildLog): ChildProcess {
  output.forget();
  const child = spawn(process.execPath, ['--import', DIE_WITH_PARENT, ...args], {
    cwd,
    env: env(),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) output.follow(stream);
  child.on('message', (message) => onMessage?.(message));
  child.on('exit', () => killGroup(child.pid));
  return child;
}

/** What a child has started and not ended goes with it, whatever it died of. */
function killGroup(leader: number | undefined): void {
  if (leader === undefined || process.platform === 'win32') return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    const isEmpty = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isEmpty) throw error;
  }
}

const DIE_WITH_PARENT = new URL('dieWithParent.ts', import.meta.url).href;

/** The exit code, the signal, or why it could not even be started. */
async function endOf(child: ChildProcess): Promise<string> {
  if (hasEnded(child)) return reasonOf(child);
  try {
    await once(child, 'exit');
    return reasonOf(child);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function reasonOf(child: ChildProcess): string {
  return child.signalCode ?? `exit code ${child.exitCode}`;
}

async function end(child: ChildProcess, graceMs: number, now: AbortSignal | undefined) {
  if (hasEnded(child) || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const hurry = () => child.kill('SIGTERM');
  now?.addEventListener('abort', hurry);
  const kill = AbortSignal.any([
    AbortSignal.timeout(graceMs),
    ...(now === undefined ? [] : [after(now, NOW_MS)]),
  ]);
  const force = () => child.kill('SIGKILL');
  kill.addEventListener('abort', force);
  await exited;
  kill.removeEventListener('abort', force);
  now?.removeEventListener('abort', hurry);
}

/** Fires `ms` after `signal` has. */
function after(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController();
  const wait = () => setTimeout(() => later.abort(), ms).unref();
  if (signal.aborted) wait();
  else signal.addEventListener('abort', wait, { once: true });
  return later.signal;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
