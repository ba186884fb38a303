import type { TaskId } from '../kernel/ids.ts';
import type { TaskStatus } from '../task/state.ts';
import { moveAndTell, type StoreRoom } from './room.ts';
import { statusOf } from './statusOf.ts';

export type CancelAnswer =
  | 'cancelled'
  | 'cancelling'
  | 'already_cancelled'
  | 'terminal'
  | 'missing';

/** Between two looks a task can move once or twice; one that moves more often than this is not what it seems. */
const MAX_LOOKS = 20;

/** A queued task ends at once; a running one when its runner, or the sweep after a lapsed lease, says so. */
export async function requestCancel(room: StoreRoom, taskId: TaskId): Promise<CancelAnswer> {
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    if (await cancelQueued(room, taskId)) return 'cancelled';
    if (await cancelRunning(room, taskId)) return 'cancelling';
    const status = await statusOf(room, taskId);
    if (status === undefined) return 'missing';
    const answer = ANSWERS[status];
    if (answer !== 'look_again') return answer;
  }
  throw new Error(`task ${taskId} moved at every one of ${MAX_LOOKS} looks`);
}

/** What is said of a task that neither of the two moves found. */
const ANSWERS: Record<TaskStatus, CancelAnswer | 'look_again'> = {
  queued: 'look_again',
  running: 'look_again',
  cancelling: 'cancelling',
  cancelled: 'already_cancelled',
  succeeded: 'terminal',
  failed: 'terminal',
};

async function cancelQueued(room: StoreRoom, taskId: TaskId): Promise<boolean> {
  const moved = await moveAndTell(room, {
    from: ['queued'],
    to: 'cancelled',
    where: 'tasks.id = $2',
    event: {
      type: 'task.finished',
      data: { status: "'cancelled'", verdict: 'null', failure: 'null' },
    },
    params: [taskId],
  });
  return moved.length > 0;
}

async function cancelRunning(room: StoreRoom, taskId: TaskId): Promise<boolean> {
  const moved = await moveAndTell(room, {
    from: ['running'],
    to: 'cancelling',
    where: 'tasks.id = $2',
    event: { type: 'task.cancelling', data: {} },
    params: [taskId],
  });
  return moved.length > 0;
}
