import os from 'node:os';
import type { ExecRan } from '../sandbox.ts';
import type { Launch } from './launch.ts';
import type { LaunchStatus } from './status.ts';
import type { End, Told } from './told.ts';

/** How the launcher itself ended. */
export interface Exit {
  code: number | null;
  killedBy: NodeJS.Signals | null;
}

type Outcome = Pick<ExecRan, 'exit' | 'signal' | 'termination'>;

export const KILLED: Outcome = { exit: null, signal: 'SIGKILL', termination: 'signalled' };

/** How a command ended that nobody stopped; undefined when it has not run. */
export function outcomeOf(
  { teller }: Launch,
  told: { status: LaunchStatus; init: Told },
  { code, killedBy }: Exit,
): Outcome | undefined {
  const { status, init } = told;
  switch (teller) {
    case 'init':
      if (init.end !== undefined) return outcomeOfEnd(init.end);
      // It was killed from outside, or for want of memory.
      return init.ready ? KILLED : undefined;
    case 'launcher':
      return status.exitCode === undefined ? undefined : outcomeOfCode(status.exitCode);
    case 'none':
      if (!status.ready) return undefined;
      return killedBy === null && code !== null ? outcomeOfCode(code) : KILLED;
  }
}

function outcomeOfEnd(end: End): Outcome {
  if ('exit' in end) return { exit: end.exit, signal: null, termination: 'exited' };
  const names = Object.entries(os.constants.signals);
  return outcomeOfSignal(names.find(([, number]) => number === end.signal)?.[0] ?? `${end.signal}`);
}

/** Ends that a program does not choose by itself; a plain exit with such a code is rare enough to be taken for one. */
const SIGNALS = [
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGSEGV',
  'SIGTERM',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGSYS',
] as const;

/** An exit code in the manner of a shell: 128 + signal, where nobody tells them apart. */
function outcomeOfCode(code: number): Outcome {
  const signal = SIGNALS.find((name) => 128 + os.constants.signals[name] === code);
  return signal === undefined
    ? { exit: code, signal: null, termination: 'exited' }
    : outcomeOfSignal(signal);
}

function outcomeOfSignal(signal: string): Outcome {
  if (signal === 'SIGXCPU') return { exit: null, signal, termination: 'cpu_limit' };
  if (signal === 'SIGXFSZ') return { exit: null, signal, termination: 'disk_limit' };
  return { exit: null, signal, termination: 'signalled' };
}
