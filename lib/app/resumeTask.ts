import { assertNever } from '../kernel/assertNever.ts';
import { Refusal } from '../kernel/errors.ts';
import type { MoveAnswer, ResumeBody } from '../task/answers.ts';
import { isTerminal, type TaskStatus } from '../task/state.ts';
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
      throw notResumable(outcome.status, request.id);
    case 'missing':
      throw taskNotFound(request.id);
    default:
      return assertNever(outcome);
  }
}

function notResumable(status: TaskStatus, id: string): Refusal {
  const code = 'task_not_resumable';
  const remedy = 'only a cancelled or failed task can be resumed; submit a new one instead';
  if (status === 'succeeded') {
    const ended = 'the task has ended by itself: there is nothing to resume';
    return new Refusal('conflict', ended, { code, remedy });
  }
  if (!isTerminal(status)) {
    return new Refusal('conflict', `the task is ${status}: it has not ended`, { code, remedy });
  }
  return new Refusal('conflict', 'its patch is in the workspace, or was asked to be put there', {
    code,
    remedy: `POST /v1/tasks/${id}/revert, then resume`,
  });
}
