import type { TaskView } from '../../lib/task/view.ts';

/** What the shell is told; scripts rely on these numbers. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  /** The task failed, was cancelled, or its result was refuted. */
  failed: 3,
  unauthorised: 4,
  notFound: 5,
  /** Finished, but not fully verified. */
  unproved: 6,
  unreachable: 7,
  /** The service refused the request, or its queue is full. */
  rejected: 8,
  timedOut: 124,
  /** Ctrl-C: the task goes on without this command. */
  detached: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of a command that waited for this task's end. */
export function exitCodeOf(task: Pick<TaskView, 'status' | 'verdict'>): ExitCode {
  if (task.status !== 'succeeded') return EXIT.failed;
  switch (task.verdict?.name) {
    case 'verified':
      return EXIT.done;
    case 'refuted':
      return EXIT.failed;
    case 'partially_verified':
    case 'unverified':
    case undefined:
      return EXIT.unproved;
  }
}
