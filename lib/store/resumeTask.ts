import type { TaskId } from '../kernel/ids.ts';
import type { TaskStatus } from '../task/state.ts';
import { moveAndTell, type StoreRoom } from './room.ts';
import { statusOf } from './statusOf.ts';

export interface Resume {
  taskId: TaskId;
  /** `journal`: keep what succeeded, up to the first failed step. `start`: forget all of it. */
  from: 'journal' | 'start';
}

export type Resumed =
  | { kind: 'resumed' }
  | { kind: 'conflict'; status: TaskStatus }
  | { kind: 'missing' };

/**
 * A cancelled or failed task goes to the end of the queue, with a fresh time budget and no lapses held against it. What its
 * models have generated still counts, unless it starts again.
 */
export async function resumeTask(room: StoreRoom, { taskId, from }: Resume): Promise<Resumed> {
  const moved = await moveAndTell(room, {
    from: ['cancelled', 'failed'],
    to: 'queued',
    // A patch in the workspace that nobody knew of any more could never be taken out again.
    where: "tasks.id = $2 and patch_request is null and patch_state is distinct from 'applied'",
    set: [
      'failure = null',
      'result = null',
      'patch_state = null',
      'lapses = 0',
      'started_at = null',
      'queued_at = clock_timestamp()',
    ],
    event: { type: 'task.resumed', data: { from: '$3::text' } },
    also: [FORGET_STEPS, FORGET_CALLS, FORGET_PATCH],
    params: [taskId, from],
  });
  if (moved.length > 0) return { kind: 'resumed' };
  const status = await statusOf(room, taskId);
  return status === undefined ? { kind: 'missing' } : { kind: 'conflict', status };
}

const FORGET_STEPS = `forgotten as (
      delete from steps
      using moved
      where steps.task_id = moved.id
        and steps.ordinal >= (
          select case when $3 = 'start' then 0 else min(failed.ordinal) end
          from steps as failed
          where failed.task_id = moved.id
            and not failed.ok
        )
    )`;

/** Who goes on from the journal goes on with the tokens that are left; who starts again has them all. */
const FORGET_CALLS = `unpaid as (
      delete from model_calls
      using moved
      where model_calls.task_id = moved.id
        and $3 = 'start'
    )`;

const FORGET_PATCH = `unkept as (
      delete from artifacts
      using moved
      where artifacts.task_id = moved.id
    )`;
