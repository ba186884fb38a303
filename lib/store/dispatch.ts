import type { TaskId } from '../kernel/ids.ts';
import type { StoreRoom } from './room.ts';

const WAITS = "(status = 'queued' or patch_request is not null)";

/**
 * Notes that the doorbell was rung for these tasks, and for which of them again. A task that waits for no worker any more
 * stays as it is.
 */
export async function markDispatched(room: StoreRoom, taskIds: readonly TaskId[]): Promise<void> {
  if (taskIds.length === 0) return;
  await room.db.query(
    `update tasks
     set dispatched_at = clock_timestamp(),
         rings = rings + (dispatched_at is not null)::int
     where id = any($1::uuid[])
       and ${WAITS}`,
    [taskIds],
  );
}

/** Takes the note back, so that the next sweep rings again: the ring was lost or died. */
export async function ringAgain(room: StoreRoom, taskId: TaskId): Promise<void> {
  await room.db.query(
    `update tasks
     set dispatched_at = null
     where id = $1
       and ${WAITS}`,
    [taskId],
  );
}
