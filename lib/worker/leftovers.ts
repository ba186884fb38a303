import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTaskId } from '../kernel/ids.ts';
import { errorCode } from '../sandbox/workspace/deniedPath.ts';
import { removeTree } from '../sandbox/workspace/removeTree.ts';
import { taskFolders } from './folders.ts';
import type { WorkerDeps } from './workerDeps.ts';

/** Removes the copies of tasks that are over for good: a crash may have left them. Those of a task that can be resumed stay. */
export async function removeFinishedFolders(deps: WorkerDeps): Promise<void> {
  const root = join(deps.config.agentHome, 'tasks');
  for (const name of await namesIn(root)) {
    const taskId = parseTaskId(name);
    if (taskId === undefined) continue;
    const task = await deps.store.findTask(taskId);
    if (task !== undefined && task.status !== 'succeeded') continue;
    await removeTree(taskFolders(deps.config.agentHome, taskId).root);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
