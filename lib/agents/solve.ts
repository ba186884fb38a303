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
import { patchOf } from './workTree.ts';
import { fits, hasBudget, type Written } from './writeCode.ts';
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
    if (!hasBudget(run) || !fits(run, run.firstPrompt)) return await failed(run, noRoom(run));
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
      const text = `${leftOut.length} files are not in the prompt, for want of room or because they are no text: ${named}\n`;
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

function noRoom(run: TaskRun): Failure {
  if (fits(run, run.firstPrompt)) return budgetExhausted('before the first answer');
  return {
    code: 'no_usable_answer',
    message: `the task alone fills the context of ${run.request.model.id} (${run.request.model.context_tokens} tokens)`,
    remedy: 'Shorten the goal, or serve a model with a larger context.',
  };
}

function noUsableAnswer(run: TaskRun, { problems }: Written): Failure {
  if (!hasBudget(run)) return budgetExhausted('without a usable answer');
  if (!run.tools.provider.goalAddressed) {
    return {
      code: 'no_usable_answer',
      message: 'the scaffold creates missing files only, and all are there',
      remedy: 'Serve a model: `agentctl doctor` says how.',
    };
  }
  const told = problems.map(({ code, path }) => (path === undefined ? code : `${code} ${path}`));
  return {
    code: 'no_usable_answer',
    message: `no answer of ${run.request.model.id} could be used: ${told.join(', ') || 'it changes nothing'}`,
    remedy: 'Say more in the goal, name output_contract.expected_files, or serve another model.',
  };
}

function budgetExhausted(when: string): Failure {
  return {
    code: 'budget_exhausted',
    message: `the budget was used up ${when}`,
    remedy: 'Submit again with greater constraints.max_tokens or constraints.latency_ms.',
  };
}

function modelUnavailable(run: TaskRun, error: ModelError): Failure {
  const status = error.status === undefined ? '' : ` (HTTP ${error.status})`;
  return {
    code: 'model_unavailable',
    message: `${run.request.model.id} could not answer${status}: ${error.message}`,
    remedy:
      error.kind === 'context_overflow'
        ? 'Serve the model with a larger context, or narrow repo.include.'
        : 'See that the model server runs (`agentctl models`), then `agentctl resume`.',
  };
}
