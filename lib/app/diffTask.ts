import { Refusal } from '../kernel/errors.ts';
import { renderDiff } from '../sandbox/workspace/renderDiff.ts';
import { isTerminal } from '../task/state.ts';
import type { AppDeps } from './app.ts';
import { requireTaskId, taskNotFound } from './refusals.ts';

/** What the task changed, as a unified diff; empty when it ended without a change. */
export async function diffTask({ store }: AppDeps, id: string): Promise<string> {
  const taskId = requireTaskId(id);
  const patch = await store.loadPatch(taskId);
  if (patch !== undefined) return renderDiff(patch);
  const task = await store.findTask(taskId);
  if (task === undefined) throw taskNotFound(id);
  if (isTerminal(task.status)) return '';
  throw new Refusal('conflict', `the task is ${task.status}: there is no result yet`, {
    code: 'task_not_ended',
    remedy: 'follow the stream to the end, then ask again',
  });
}
