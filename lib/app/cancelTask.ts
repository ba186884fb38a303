import { assertNever } from '../kernel/assertNever.ts';
import { Refusal } from '../kernel/errors.ts';
import type { MoveAnswer } from '../task/answers.ts';
import { linksOf } from '../task/view.ts';
import type { AppDeps } from './app.ts';
import { requireTaskId, taskNotFound } from './refusals.ts';

export interface Cancellation {
  answer: MoveAnswer;
  /** False when the task had been cancelled before: nothing was done. */
  accepted: boolean;
}

/** A queued task is cancelled at once; a running one when its process tree is dead. */
export async function cancelTask({ store }: AppDeps, id: string): Promise<Cancellation> {
  const taskId = requireTaskId(id);
  const links = linksOf(taskId);
  const outcome = await store.requestCancel(taskId);
  switch (outcome) {
    case 'cancelling':
    case 'cancelled':
      return { answer: { task_id: taskId, status: outcome, links }, accepted: true };
    case 'already_cancelled':
      return { answer: { task_id: taskId, status: 'cancelled', links }, accepted: false };
    case 'terminal':
      throw new Refusal('conflict', 'the task has already ended', {
        code: 'task_ended',
        remedy: `GET ${links.self} shows how`,
      });
    case 'missing':
      throw taskNotFound(id);
    default:
      return assertNever(outcome);
  }
}
