import type { EventBatch } from '../events/events.ts';
import type { EventSeq, TaskId } from '../kernel/ids.ts';
import type { TaskEvent } from '../task/event.ts';
import { isTerminal } from '../task/state.ts';
import type { TaskView } from '../task/view.ts';
import type { AppDeps } from './app.ts';
import { requireRoomForStream } from './openStreams.ts';
import { requireTaskId, taskNotFound } from './refusals.ts';
import { viewAsOf } from './viewAsOf.ts';

export interface FollowRequest {
  id: string;
  /** Last sequence seen; undefined: everything from the first event. */
  cursor: number | undefined;
  signal: AbortSignal;
}

export type ResetReason = 'cursor_beyond_log' | 'cursor_before_retention';

export type Following =
  /** The task has ended and this reader has seen all of it. */
  | { kind: 'over' }
  | {
      kind: 'stream';
      /** Why the reader's cursor could not be used; the stream then starts from now. */
      reset: ResetReason | undefined;
      /** The task as of the cursor, or, after a reset, as of now. */
      snapshot: TaskView;
      /** Every event after the snapshot, once, in order; ends with the task or when the signal aborts. */
      batches: AsyncIterable<EventBatch>;
    };

/** Throws `Refusal` not_found, or unavailable when too many streams are open. */
export async function followTask(deps: AppDeps, request: FollowRequest): Promise<Following> {
  const taskId = requireTaskId(request.id);
  requireRoomForStream(deps);
  const view = await deps.store.loadView(taskId);
  if (view === undefined) throw taskNotFound(request.id);
  if (request.cursor === view.last_seq && isTerminal(view.status)) return { kind: 'over' };
  const start = await startOf(deps, { taskId, view, cursor: request.cursor ?? 0 });
  const after = start.snapshot.last_seq as EventSeq;
  return { kind: 'stream', ...start, batches: deps.eventLog.follow(taskId, after, request.signal) };
}

interface Position {
  taskId: TaskId;
  view: TaskView;
  cursor: number;
}

async function startOf(deps: AppDeps, { taskId, view, cursor }: Position) {
  if (cursor > view.last_seq) return { reset: 'cursor_beyond_log' as const, snapshot: view };
  if (cursor === view.last_seq) return { reset: undefined, snapshot: view };
  const around = await eventsAround(deps, taskId, cursor);
  if (around === undefined) return { reset: 'cursor_before_retention' as const, snapshot: view };
  const [status, attempt] = await Promise.all([
    deps.store.statusAt(taskId, cursor as EventSeq),
    deps.store.attemptAt(taskId, cursor as EventSeq),
  ]);
  const point = { seq: cursor, status, attempt, event: around.last };
  return { reset: undefined, snapshot: viewAsOf(view, point) };
}

/** The event at the cursor, provided that the log goes on right after it. */
async function eventsAround({ store }: AppDeps, taskId: TaskId, cursor: number) {
  const before = Math.max(0, cursor - 1) as EventSeq;
  const events: TaskEvent[] = await store.eventsAfter(taskId, before, 2);
  if (!events.some(({ seq }) => seq === cursor + 1)) return undefined;
  return { last: events.find(({ seq }) => seq === cursor) };
}
