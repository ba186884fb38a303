import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../infra/freePort.ts';
import type { EmulatorPlan } from './plans.ts';

export interface RunningEmulator {
  endpoint: string;
  /** Resolves when no process of it is left. */
  stop(): Promise<void>;
}

export interface Start {
  plan: EmulatorPlan;
  interpreter: string;
  /** The folder of all emulators; the log stays in it. */
  home: string;
  signal: AbortSignal;
}

const READY_MS = 90_000;
const POLL_MS = 200;
const TAIL_CHARACTERS = 1_500;

/** Throws with the end of its log when it ends or does not become ready. */
export async function startEmulator(start: Start): Promise<RunningEmulator> {
  const { plan, home, signal } = start;
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), `agent-${plan.name}-`));
  const logFile = join(home, `${plan.name}.log`);
  const port = await freePort();
  const leash = launch(start, { folder, logFile, port });
  const gone = once(leash, 'exit');
  const stop = async () => {
    if (leash.connected) leash.disconnect();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    await becomesReady(new URL(plan.healthPath, endpoint), leash, signal);
    return { endpoint, stop };
  } catch (error) {
    await stop();
    if (signal.aborted) throw error;
    const tail = readFileSync(logFile, 'utf8').slice(-TAIL_CHARACTERS);
    throw new Error(`${plan.title} did not become ready. The end of ${logFile}:\n${tail}`, {
      cause: error,
    });
  }
}

interface Place {
  folder: string;
  logFile: string;
  port: number;
}

function launch({ plan, interpreter }: Start, { folder, logFile, port }: Place): ChildProcess {
  const log = openSync(logFile, 'w');
  try {
    return fork(LEASH, [interpreter, ...plan.args(port)], {
      cwd: folder,
      // None of the user's AWS settings, and no folder but its own.
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        TMPDIR: folder,
        FILESYSTEM_ROOT: folder,
        PYTHONUNBUFFERED: '1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_DEFAULT_REGION: 'us-east-1',
        ...plan.env(port),
      },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

const LEASH = new URL('leash.ts', import.meta.url);

async function becomesReady(url: URL, leash: ChildProcess, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(READY_MS);
  while (!(await isHealthy(url))) {
    signal.throwIfAborted();
    if (leash.exitCode !== null || leash.signalCode !== null) throw new Error('it ended');
    if (deadline.aborted) throw new Error(`${url.pathname} did not answer 200 in ${READY_MS} ms`);
    await delay(POLL_MS, undefined, { signal });
  }
}

async function isHealthy(url: URL): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.text();
    return response.ok;
  } catch (error) {
    // Nobody listens yet, or it has not made up its mind.
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}
