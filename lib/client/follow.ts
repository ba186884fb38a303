import type { TaskEvent } from '../task/event.ts';
import type { TaskView } from '../task/view.ts';

export interface FollowOptions {
  /** The last sequence already seen; 0 or absent: from the first event. */
  after?: number | undefined;
  signal?: AbortSignal | undefined;
  /** How long a lost service is tried again before `Unreachable` is thrown. Default 60,000. */
  giveUpAfterMs?: number | undefined;
}

/** One thing that a follower sees. */
export type Followed =
  /** The task as of the cursor: first of all, and after a reset. */
  | { kind: 'snapshot'; task: TaskView }
  | { kind: 'event'; event: TaskEvent }
  /** An event that a newer service sent and this client has no name for. */
  | { kind: 'unknown_event'; seq: number; type: string; data: unknown }
  | { kind: 'heartbeat' }
  /** The cursor was not in the log: what follows starts from the next snapshot. */
  | { kind: 'reset'; reason: string; lastSeq: number }
  /** The connection was lost and is tried again. */
  | { kind: 'reconnecting'; attempt: number; waitMs: number; why: string };
