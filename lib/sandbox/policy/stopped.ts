import { assertNever } from '../../kernel/assertNever.ts';
import type { Limits, Stopped, Termination } from '../sandbox.ts';
import { MIB } from './limits.ts';

/** A tree with more files and folders than this is not walked to its end: so many are a flood. */
export const MOST_ENTRIES = 200_000;

/** What a run had used at most when it ended. */
export interface Peak {
  processes: number;
  /** Growth of the workspace in bytes; Infinity when it was not walked to its end. */
  diskBytes: number;
}

export interface Ending {
  termination: Termination;
  signal: string | null;
  limits: Limits;
  peak: Peak;
}

/** Which limit ended a run, and what to do about it; undefined where none did. */
export function whyStopped(ending: Ending): Stopped | undefined {
  const { termination, limits } = ending;
  switch (termination) {
    case 'exited':
    case 'cancelled':
      return undefined;
    case 'signalled':
      return { reason: `it was ended by ${ending.signal ?? 'a signal'}`, remedy: LOOK_AT_CRASH };
    case 'memory_limit':
      return {
        reason: `all its processes together held more than ${limits.memoryMiB} MiB of memory`,
        remedy:
          'Look for what grows without end, or work on the data piece by piece: no run gets more.',
      };
    case 'cpu_limit':
      return {
        reason: `it used more than ${limits.cpuSeconds} s of processor time`,
        remedy: 'Look for a loop without end.',
      };
    case 'output_limit':
      return {
        reason: `it printed more than ${amount(limits.outputBytes)}`,
        remedy: 'Look for a loop that prints, or print less: what came before is kept.',
      };
    case 'disk_limit':
      return whichDisk(ending);
    case 'wall_timeout':
      return whyLate(ending);
    default:
      return assertNever(termination);
  }
}

const LOOK_AT_CRASH =
  'A crash of the program, unless the machine itself ran out of memory: see the kernel log.';

function whichDisk({ signal, limits, peak }: Ending): Stopped {
  if (signal === 'SIGXFSZ')
    return {
      reason: `it wrote a file larger than ${limits.fileMiB} MiB`,
      remedy: 'Write less, or several files.',
    };
  if (peak.diskBytes === Infinity)
    return {
      reason: `it made more than ${MOST_ENTRIES} files, or nested folders deeper than a path can be`,
      remedy: 'Look for a loop that makes files or folders.',
    };
  return {
    reason: `the workspace grew by more than ${limits.workspaceMiB} MiB`,
    remedy:
      'Write less or fewer files (each counts for 1 KiB at least), or remove on the way what is not needed.',
  };
}

/** A fork bomb ends here: no further process can be started, and none of those that are there gets anywhere. */
function whyLate({ limits, peak }: Ending): Stopped {
  const late = `it did not end within ${limits.wallMs} ms`;
  if (peak.processes < limits.processes / 2)
    return {
      reason: late,
      remedy: 'Look for an endless loop or a wait, or give it more time: constraints.latency_ms.',
    };
  return {
    reason: `${late}, with ${peak.processes} processes at once (at most ${limits.processes} can be)`,
    remedy: 'Look for a loop that starts processes.',
  };
}

function amount(bytes: number): string {
  return bytes % MIB === 0 ? `${bytes / MIB} MiB` : `${bytes} bytes`;
}
