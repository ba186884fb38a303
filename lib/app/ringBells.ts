import type { TaskId } from '../kernel/ids.ts';
import type { Ring } from '../queue/queue.ts';
import type { AppDeps } from './app.ts';

/**
 * Rings for tasks that are already safe in the database, and stamps those that were heard. Never rejects: a task that was
 * not rung stays undispatched, and the sweeper rings for it.
 */
export async function ringBells(deps: AppDeps, rings: readonly Ring[]): Promise<TaskId[]> {
  if (rings.length === 0) return [];
  try {
    const heard = await deps.doorbell.ring(rings);
    if (heard.length > 0) await deps.store.markDispatched(heard);
    return heard;
  } catch (error) {
    deps.telemetry.logger.warn('the doorbell was not rung; the sweeper will', {
      err: error,
      tasks: rings.map((ring) => ring.taskId),
    });
    deps.telemetry.metrics.put('doorbell_failures', 1, 'Count');
    return [];
  }
}
