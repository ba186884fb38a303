import type { Failure } from '../task/failure.ts';
import type { Patch } from '../task/patch.ts';
import type { Verdict } from '../task/verdict.ts';
import type { TaskResult } from '../task/view.ts';
import type { Held } from './lease.ts';
import { moveAndTell, type StoreRoom } from './room.ts';

export interface Finish extends Held {
  status: 'succeeded' | 'failed';
  /** Only when it succeeded. */
  verdict: Verdict | null;
  /** Exactly when it failed. */
  failure: Failure | null;
  result: TaskResult;
  patch: Patch | null;
}

/**
 * Ends a run: status, verdict, result, patch and the last event in one statement. A run that was asked to stop meanwhile
 * ends as cancelled, with its result (what was done is a fact) but without a verdict.
 */
export async function finishTask(
  room: StoreRoom,
  finish: Finish,
): Promise<'finished' | 'cancelled' | 'lost'> {
  if (await endRun(room, finish)) return 'finished';
  return (await endCancelledRun(room, finish)) ? 'cancelled' : 'lost';
}

async function endRun(room: StoreRoom, finish: Finish): Promise<boolean> {
  const moved = await moveAndTell(room, {
    from: ['running'],
    to: finish.status,
    where: HELD,
    set: [...LEFT_BEHIND, 'verdict = $7', 'verdict_detail = $8::json', 'failure = $9::json'],
    event: {
      type: 'task.finished',
      data: { status: 'status', verdict: 'verdict_detail', failure: 'failure' },
    },
    also: [KEEP_PATCH],
    params: [
      ...leftBehind(finish),
      finish.verdict?.name ?? null,
      jsonOrNull(finish.verdict),
      jsonOrNull(finish.failure),
    ],
  });
  return moved.length > 0;
}

async function endCancelledRun(room: StoreRoom, finish: Finish): Promise<boolean> {
  const moved = await moveAndTell(room, {
    from: ['cancelling'],
    to: 'cancelled',
    where: HELD,
    set: LEFT_BEHIND,
    event: {
      type: 'task.finished',
      data: { status: 'status', verdict: 'null', failure: 'null' },
    },
    also: [KEEP_PATCH],
    params: leftBehind(finish),
  });
  return moved.length > 0;
}

const HELD = 'tasks.id = $2 and tasks.fence = $3';

const LEFT_BEHIND = ['result = $4::json', 'patch_state = $6'];

const KEEP_PATCH = `kept as (
      insert into artifacts (task_id, kind, content)
      select id, 'patch', $5::json
      from moved
      where $5::json is not null
    )`;

/** `$2` to `$6`. */
function leftBehind({ taskId, fence, result, patch }: Finish): unknown[] {
  const hasChanges = patch !== null && patch.changes.length > 0;
  const state = hasChanges ? result.apply.state : null;
  return [taskId, fence, JSON.stringify(result), jsonOrNull(patch), state];
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
