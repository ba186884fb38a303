import type { TaskId } from '../kernel/ids.ts';
import { TaskStatus } from '../task/state.ts';
import type { StoreRoom } from './room.ts';

/** The status now; undefined for an unknown task. */
export async function statusOf(room: StoreRoom, taskId: TaskId): Promise<TaskStatus | undefined> {
  const [row] = await room.db.query<{ status: string }>(
    `select status
     from tasks
     where id = $1`,
    [taskId],
  );
  return row === undefined ? undefined : TaskStatus.parse(row.status);
}
