import { Refusal } from '../kernel/errors.ts';
import { parseTaskId, type TaskId } from '../kernel/ids.ts';

export function taskNotFound(taskId: string): Refusal {
  return new Refusal('not_found', `there is no task ${taskId}`, {
    code: 'task_not_found',
    remedy: 'GET /v1/tasks lists the tasks that are there',
  });
}

/** An id that no task can have names a task that is not there. */
export function requireTaskId(text: string): TaskId {
  const taskId = parseTaskId(text);
  if (taskId === undefined) throw taskNotFound(text.slice(0, 64));
  return taskId;
}
