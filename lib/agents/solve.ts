import { ModelError } from '../llm/llm.ts';
import type { Failure } from '../task/failure.ts';
import type { FileChange, Patch } from '../task/patch.ts';
import type { Proof, Verdict } from '../task/verdict.ts';
import type { ChangedFile, Usage } from '../task/view.ts';
import { conclude } from './conclude.ts';
import { baselineStep } from './oracleSteps.ts';
import { prove } from './prove.ts';
import { planWork } from './roles/planner.ts';
import { reviewWork } from './roles/reviewer.ts';
import { writeTests } from './roles/tester.ts';
import { openTaskRun, type SolveRequest, type SolveTools, type TaskRun } from './taskRun.ts';
import { modelUnavailable, noUsableAnswer, whyNotAsked } from './whyFailed.ts';
import { patchOf } from './workTree.ts';
import { writeFirst } from './writeFirst.ts';

export type Solved =
  | {
      kind: 'ended';
      verdict: Verdict;
      proof: Proof;
      patch: Patch;
      usage: Usage;
      files: ChangedFile[];
    }
  | { kind: 'failed'; failure: Failure; usage: Usage; patch: Patch | null; proof: Proof | null };

/**
 * Works on one task: baseline > plan > code > non-negotiables > compile > repair > tests > repair > new tests > review >
 * revise > verdict. Every step is in the journal, so that a later attempt goes on where this one stopped. Throws the abort reason of `tools.signal`.
 */
export async function solve(request: SolveRequest, tools: SolveTools): Promise<Solved> {
  const run = await openTaskRun(request, tools);
  try {
    const baseline = await baselineStep(run);
    const hopeless = whyNotAsked(run);
    if (hopeless !== undefined) return await failed(run, hopeless);
    await planWork(run);
    await tellLeftOut(run);
    const written = await writeFirst(run);
    if (!written.changed) return await failed(run, noUsableAnswer(run, written));
    const proved = await prove(run, written);
    const tested = await writeTests(run, proved);
    const judged = await reviewWork(run, tested, baseline);
    const { proof, verdict } = await conclude(run, baseline, judged);
    const patch = await patchOf(run);
    const files = patch.changes.map(changedFile);
    return { kind: 'ended', verdict, proof, patch, usage: run.budget.usage, files };
  } catch (error) {
    if (tools.signal.aborted) throw tools.signal.reason;
    if (error instanceof ModelError) return await failed(run, modelUnavailable(run, error));
    throw error;
  } finally {
    await run.judging.close();
  }
}

/** What the prompt could not hold is said, never dropped in silence. */
async function tellLeftOut({ leftOut, tools }: TaskRun): Promise<void> {
  if (leftOut.length === 0) return;
  await tools.journal.step<number>({
    key: 'prompt',
    title: 'Choose what the model sees',
    input: { leftOut },
    run: async () => {
      const named = leftOut.slice(0, 20).join(', ');
      const [files, they] =
        leftOut.length === 1 ? ['1 file is', 'it is'] : [`${leftOut.length} files are`, 'they are'];
      const text = `${files} not in the prompt, for want of room or because ${they} no text: ${named}\n`;
      await tools.journal.emit({
        type: 'log.appended',
        data: { step: 'prompt', source: 'worker', text },
      });
      return { output: leftOut.length, ok: true, tokens: 0, detail: `${leftOut.length} left out` };
    },
  });
}

async function failed(run: TaskRun, failure: Failure): Promise<Solved> {
  const patch = await patchOf(run);
  const { usage } = run.budget;
  return {
    kind: 'failed',
    failure,
    usage,
    patch: patch.changes.length > 0 ? patch : null,
    proof: null,
  };
}

function changedFile({ path, before, after }: FileChange): ChangedFile {
  const bytes = after === null ? 0 : Buffer.from(after, 'base64').length;
  if (after === null) return { path, action: 'deleted', bytes };
  return { path, action: before === null ? 'created' : 'modified', bytes };
}
