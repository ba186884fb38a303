import type { EventSeq, TaskId } from '../kernel/ids.ts';
import type { TaskEvent } from '../task/event.ts';

/** A batch of the log, in order; `ended` is true when the task is terminal and nothing follows. */
export interface EventBatch {
  events: TaskEvent[];
  ended: boolean;
}

/**
 * The log of one task, followed live. Yields every event after `afterSeq` once, in sequence order, without gaps, and
 * ends by itself after the batch in which `ended` is true, or when the signal aborts (without throwing).
 * A resumed task goes on in the same log: a follower that ended earlier may come back with its cursor.
 */
export interface EventLog {
  follow(taskId: TaskId, afterSeq: EventSeq, signal: AbortSignal): AsyncIterable<EventBatch>;
  close(): Promise<void>;
}
