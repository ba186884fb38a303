import { diffTrees, restoreTree } from '../sandbox/workspace/patch.ts';
import type { Patch } from '../task/patch.ts';
import type { TaskRun } from './taskRun.ts';

/** What was changed so far, as it is now. */
export function patchOf({ request }: TaskRun): Promise<Patch> {
  return diffTrees({ base: request.baseDir, work: request.workDir });
}

/** Text of the files that were changed so far. */
export async function changedFiles(run: TaskRun): Promise<{ path: string; content: string }[]> {
  const { changes } = await patchOf(run);
  return changes.flatMap(({ path, after }) =>
    after === null ? [] : [{ path, content: Buffer.from(after, 'base64').toString('utf8') }],
  );
}

/** Brings the work tree back to an earlier result: what came after it was no better. */
export async function takeBack(
  run: TaskRun,
  { key, why, patch }: { key: string; why: string; patch: Patch },
): Promise<void> {
  const { baseDir: base, workDir: work } = run.request;
  await run.tools.journal.step<null>({
    key,
    title: 'Go back to the result before',
    input: { tree: patch.tree_hash, why },
    run: async () => {
      await restoreTree({ base, work, patch });
      return { output: null, ok: true, tokens: 0, patch, detail: why };
    },
  });
}
