import * as z from 'zod';
import type { EventSeq, TaskId } from '../kernel/ids.ts';
import { Failure } from '../task/failure.ts';
import { TaskPayload } from '../task/payload.ts';
import { TaskStatus } from '../task/state.ts';
import { Verdict } from '../task/verdict.ts';
import { PatchRequest } from '../task/view.ts';
import type { StoreRoom } from './room.ts';

/** The row of a task, for deciding about it; `TaskView` is for showing it. */
const TaskRecord = z.object({
  taskId: z.uuid().transform((id) => id as TaskId),
  status: TaskStatus,
  verdict: Verdict.nullable(),
  failure: Failure.nullable(),
  payload: TaskPayload,
  traceparent: z.string().nullable(),
  attempt: z.int(),
  /** Leases lost since the submit or the last resume. */
  lapses: z.int(),
  fence: z.int(),
  /** What a worker was asked to do with the patch and has not done yet. */
  patchRequest: PatchRequest.nullable(),
  lastSeq: z.int().transform((seq) => seq as EventSeq),
});
export type TaskRecord = z.infer<typeof TaskRecord>;

export async function findTask(room: StoreRoom, taskId: TaskId): Promise<TaskRecord | undefined> {
  const [row] = await room.db.query(
    `select
       id as "taskId", status, verdict_detail as verdict, failure, payload, traceparent,
       attempt, lapses, fence, patch_request as "patchRequest", last_seq as "lastSeq"
     from tasks
     where id = $1`,
    [taskId],
  );
  return row === undefined ? undefined : TaskRecord.parse(row);
}
