import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

export interface MortalPlan {
  name: string;
  /** A script that Node runs. */
  script: string;
  env: Record<string, string>;
  logFile: string;
  /** What the log of a start says that could not succeed just then: ending so is right, for a supervisor tries again. */
  falseStart?: RegExp;
}

/** A process that is killed and started again. */
export interface Mortal {
  readonly name: string;
  /** Why it ended although nobody killed it, one line each time. */
  readonly lapses: readonly string[];
  readonly falseStarts: number;
  /** Resolves once it is dead; its successor is on its way then. */
  kill(): Promise<void>;
  /** SIGTERM, for good. Resolves with the exit code; null after a signal. */
  stop(): Promise<number | null>;
}

/** A test run that is itself killed leaves nothing behind. */
const DIE_WITH_PARENT = new URL('../../scripts/start/dieWithParent.ts', import.meta.url).href;

/**
 * As the supervisor of `npm start` does: a bubblewrap whose parent dies before it has asked to die with it waits for ever.
 */
function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch (error) {
    const isEmpty = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isEmpty) throw error;
  }
}

/** What a supervisor waits before it starts a child again that ended by itself. */
const PAUSE_MS = 250;

export function startMortal({ name, script, env, logFile, falseStart }: MortalPlan): Mortal {
  const log = openSync(logFile, 'a');
  const lapses: string[] = [];
  let falseStarts = 0;
  let isWanted = true;
  let restart: NodeJS.Timeout | undefined;
  let child = launch();

  function launch(): ChildProcess {
    const logStart = fstatSync(log).size;
    const started = spawn(process.execPath, ['--import', DIE_WITH_PARENT, script], {
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    started.once('exit', (code, signal) => {
      killGroup(started.pid);
      if (!isWanted || signal === 'SIGKILL') return;
      const told = readFileSync(logFile).subarray(logStart).toString('utf8');
      if (falseStart?.test(told)) falseStarts += 1;
      else lapses.push(`${name} ended by itself: ${signal ?? `exit code ${code}`} (${logFile})`);
      restart = setTimeout(() => {
        child = launch();
      }, PAUSE_MS);
    });
    return started;
  }

  return {
    name,
    lapses,
    get falseStarts() {
      return falseStarts;
    },
    async kill() {
      const victim = child;
      if (victim.exitCode !== null || victim.signalCode !== null) return;
      const dead = once(victim, 'exit');
      victim.kill('SIGKILL');
      await dead;
      if (victim.signalCode === 'SIGKILL') child = launch();
    },
    async stop() {
      isWanted = false;
      clearTimeout(restart);
      if (child.exitCode === null && child.signalCode === null) {
        const dead = once(child, 'exit');
        child.kill('SIGTERM');
        await dead;
      }
      closeSync(log);
      return child.exitCode;
    },
  };
}
