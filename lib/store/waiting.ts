import * as z from 'zod';
import type { TaskId } from '../kernel/ids.ts';
import { TaskPayload } from '../task/payload.ts';
import type { StoreRoom } from './room.ts';

const WaitingTask = z.object({
  taskId: z.uuid().transform((id) => id as TaskId),
  payload: TaskPayload,
});
/** A queued task that nobody could take when it was last tried. */
export type WaitingTask = z.infer<typeof WaitingTask>;

/** Those that wait, oldest first, after the one named: to be read page by page. */
export async function waitingAfter(
  room: StoreRoom,
  taskId: TaskId | undefined,
  limit: number,
): Promise<WaitingTask[]> {
  const rows = await room.db.query(
    `select id as "taskId", payload
     from tasks
     where wake_at is not null
       and ($1::uuid is null or id > $1)
     order by id
     limit $2`,
    [taskId ?? null, limit],
  );
  return rows.map((row) => WaitingTask.parse(row));
}
