import type { AuditPage } from '../task/audit.ts';
import type { AppDeps } from './app.ts';
import { requireTaskId, taskNotFound } from './refusals.ts';

/** A page of what a task was denied; an unknown task is refused. */
export async function auditTask(
  { store }: AppDeps,
  id: string,
  { after, limit }: { after: number; limit: number },
): Promise<AuditPage> {
  const taskId = requireTaskId(id);
  if ((await store.findTask(taskId)) === undefined) throw taskNotFound(id);
  const found = await store.auditAfter(taskId, after, limit + 1);
  return { data: found.slice(0, limit), has_more: found.length > limit };
}
