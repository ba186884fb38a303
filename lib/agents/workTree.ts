import { diffTrees, restoreTree } from '../sandbox/workspace/patch.ts';
import type { Patch } from '../task/patch.ts';
import { byPassages } from './editForm.ts';
import { asPassages } from './edits/passages.ts';
import { fencedFile } from './fencedFile.ts';
import type { ShownChange } from './prompt.ts';
import type { TaskRun } from './taskRun.ts';

/** What was changed so far, as it is now. */
export function patchOf({ request, base }: TaskRun): Promise<Patch> {
  return diffTrees({ base: request.baseDir, baseFiles: base, work: request.workDir });
}

/** The files that were changed so far: whole, or by their passages where that is how the model changes them. */
export async function changedFiles(run: TaskRun): Promise<ShownChange[]> {
  const { changes } = await patchOf(run);
  return changes.flatMap(({ path, before, after }) =>
    after === null ? [] : [{ path, block: blockOf(run, path, { before, after }) }],
  );
}

function blockOf(
  { request }: TaskRun,
  path: string,
  { before, after }: { before: string | null; after: string },
): string {
  const now = textOf(after);
  if (before === null || !byPassages(request.model, now)) return fencedFile(path, now);
  return fencedFile(path, asPassages(textOf(before), now) ?? now);
}

function textOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
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
