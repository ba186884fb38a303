import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId } from '../kernel/ids.ts';
import { removeTree } from '../sandbox/workspace/removeTree.ts';

/** The private folders of one task below AGENT_HOME. */
export interface TaskFolders {
  root: string;
  /** The repository as it was when the task was first taken. Never written after that. */
  base: string;
  /** Base plus what the task has changed so far. */
  work: string;
  /** Throw-away copies that the oracle runs in. */
  scratch: string;
}

export function taskFolders(agentHome: string, taskId: TaskId): TaskFolders {
  const root = join(agentHome, 'tasks', taskId);
  return {
    root,
    base: join(root, 'base'),
    work: join(root, 'work'),
    scratch: join(root, 'scratch'),
  };
}

export async function emptyFolder(path: string): Promise<void> {
  await removeTree(path);
  await mkdir(path, { recursive: true, mode: 0o700 });
}
