import type { TaskView } from '../task/view.ts';
import type { AppDeps } from './app.ts';
import { requireTaskId, taskNotFound } from './refusals.ts';

export async function getTask({ store }: AppDeps, id: string): Promise<TaskView> {
  const view = await store.loadView(requireTaskId(id));
  if (view === undefined) throw taskNotFound(id);
  return view;
}
