import { assertNever } from '../kernel/assertNever.ts';
import { Refusal } from '../kernel/errors.ts';
import type { MoveAnswer, ResumeBody } from '../task/answers.ts';
import type { TaskStatus } from '../task/state.ts';
import { linksOf } from '../task/view.ts';
import type { AppDeps } from './app.ts';
import { requireTaskId, taskNotFound } from './refusals.ts';
import { ringBells } from './ringBells.ts';

export interface ResumeRequest extends ResumeBody {
  id: string;
  /** W3C trace context of the resume. */
  traceparent: string | undefined;
}

/** Queues a cancelled or failed task again. */
export async function resumeTask(deps: AppDeps, request: ResumeRequest): Promise<MoveAnswer> {
  const taskId = requireTaskId(request.id);
  const outcome = await deps.store.resumeTask({ taskId, from: request.from });
  switch (outcome.kind) {
    case 'resumed':
      await ringBells(deps, [{ taskId, traceparent: request.traceparent }]);
      return { task_id: taskId, status: 'queued', links: linksOf(taskId) };
    case 'conflict':
      throw new Refusal('conflict', whyNot(outcome.status), {
        code: 'task_not_resumable',
        remedy: 'only a cancelled or failed task can be resumed; submit a new one instead',
      });
    case 'missing':
      throw taskNotFound(request.id);
    default:
      return assertNever(outcome);
  }
}

function whyNot(status: TaskStatus): string {
  return status === 'succeeded'
    ? 'the task has ended by itself: there is nothing to resume'
    : `the task is ${status}: it has not ended`;
}
