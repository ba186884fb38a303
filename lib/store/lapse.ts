import type { Failure } from '../task/failure.ts';
import type { Move } from './moveTasks.ts';

interface Lapse {
  maxAttempts: number;
  /** SQL condition, `$3`, that narrows which lapsed runs are meant. */
  which: string;
  param: unknown;
  /** Locked ids to choose from, when many are meant. */
  pick?: string;
}

const LEASE_LAPSED = 'tasks.lease_until < now()';

/** What becomes of runs whose lease has lapsed: back to the queue, or the end when that happened too often. */
export function lapseMoves(lapse: Lapse): {
  fail: Move<'task.finished'>;
  requeue: Move<'task.requeued'>;
} {
  const pick = lapse.pick === undefined ? {} : { pick: lapse.pick };
  return {
    fail: {
      ...pick,
      from: ['running'],
      to: 'failed',
      where: `${LEASE_LAPSED} and tasks.lapses + 1 >= $2::int and ${lapse.which}`,
      set: ['lapses = tasks.lapses + 1', 'failure = $4::json'],
      event: {
        type: 'task.finished',
        data: { status: "'failed'", verdict: 'null', failure: '$4::json' },
      },
      params: [lapse.maxAttempts, lapse.param, JSON.stringify(exhausted(lapse.maxAttempts))],
    },
    requeue: {
      ...pick,
      from: ['running'],
      to: 'queued',
      where: `${LEASE_LAPSED} and tasks.lapses + 1 < $2::int and ${lapse.which}`,
      set: ['lapses = tasks.lapses + 1'],
      event: {
        type: 'task.requeued',
        data: { reason: "'lease_lapsed'", attempt: 'attempt' },
      },
      params: [lapse.maxAttempts, lapse.param],
    },
  };
}

function exhausted(maxAttempts: number): Failure {
  return {
    code: 'attempts_exhausted',
    message: `its worker was lost ${maxAttempts} times, which is as often as a task is tried`,
    remedy: 'look for what ends the workers (memory, the host), then resume the task',
  };
}
