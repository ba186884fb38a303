import type { TaskPage } from '../task/answers.ts';
import type { ListQuery } from '../task/queries.ts';
import type { AppDeps } from './app.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

/** Newest first. */
export async function listTasks({ store }: AppDeps, query: ListQuery): Promise<TaskPage> {
  const { cursor, ...filter } = query;
  const before = cursor === undefined ? undefined : decodeCursor(cursor);
  const page = await store.listTasks({ ...filter, before });
  return {
    data: page.tasks,
    next_cursor: page.nextBefore === undefined ? null : encodeCursor(page.nextBefore),
    has_more: page.nextBefore !== undefined,
  };
}
