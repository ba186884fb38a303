import * as z from 'zod';

/** How the run went; what was proved is the verdict's business. */
export const TaskStatus = z.enum([
  'queued',
  'running',
  'cancelling',
  'cancelled',
  'succeeded',
  'failed',
]);
export type TaskStatus = z.infer<typeof TaskStatus>;

/** The only legal moves. The database enforces them: `where status = any(sourcesOf(target))`. */
export const TRANSITIONS: Record<TaskStatus, readonly TaskStatus[]> = {
  queued: ['running', 'cancelled'],
  running: ['running', 'queued', 'cancelling', 'succeeded', 'failed'],
  cancelling: ['cancelled'],
  cancelled: ['queued'],
  succeeded: [],
  failed: ['queued'],
};

export function isTerminal(status: TaskStatus): boolean {
  return status === 'cancelled' || status === 'succeeded' || status === 'failed';
}

/** Every status from which `target` may be reached. */
export function sourcesOf(target: TaskStatus): TaskStatus[] {
  return TaskStatus.options.filter((source) => TRANSITIONS[source].includes(target));
}
