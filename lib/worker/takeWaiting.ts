import type { TaskId } from '../kernel/ids.ts';
import { judge } from './routeStep.ts';
import type { WorkerDeps } from './workerDeps.ts';

const PAGE = 100;

/**
 * Looks whether a model has appeared for one of the tasks that wait for one, and has `take` claim those that this worker
 * could work on now. Nothing is looked for while nobody waits. `take` resolves with false when there is no more room.
 */
export async function takeWaiting(
  deps: WorkerDeps,
  take: (taskId: TaskId) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  let page = await deps.store.waitingAfter(undefined, PAGE);
  if (page.length > 0) await deps.models.refresh(signal);
  while (page.length > 0) {
    for (const { taskId, payload } of page) {
      const { chosen } = await judge(deps, payload);
      if (chosen !== undefined && !(await take(taskId))) return;
    }
    page = await deps.store.waitingAfter(page.at(-1)?.taskId, PAGE);
  }
}
