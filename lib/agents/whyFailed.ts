import type { ModelError } from '../llm/llm.ts';
import type { Failure } from '../task/failure.ts';
import { questionFor } from './firstQuestion.ts';
import type { TaskRun } from './taskRun.ts';
import { tellProblem } from './tellProblems.ts';
import { fits, hasBudget, type Written } from './writeCode.ts';

/** Why nobody is asked at all; undefined when a model can be. */
export function whyNotAsked(run: TaskRun): Failure | undefined {
  if (!hasBudget(run)) return budgetExhausted('before the first answer');
  const { id, context_tokens: context } = run.request.model;
  if (!fits(run, run.firstPrompt)) {
    return {
      code: 'no_usable_answer',
      message: `the task alone fills the context of ${id} (${context} tokens)`,
      remedy: 'Shorten the goal, or serve a model with a larger context.',
    };
  }
  if (!isAllUnseen(run)) return undefined;
  const { expected_files: expected } = run.request.payload.output_contract;
  return {
    code: 'no_usable_answer',
    message: `${expected.join(', ')}: too large for the context of ${id} (${context} tokens), or no text; a model does not change what it cannot see`,
    remedy: 'Serve a model with a larger context, or split the file.',
  };
}

/** Every file that the task is to change is there already, and none can be shown, however little else is. */
function isAllUnseen(run: TaskRun): boolean {
  const { request, baseFiles, shown, plan, tools } = run;
  const { expected_files: expected } = request.payload.output_contract;
  if (!tools.provider.llm || expected.length === 0) return false;
  const there = new Set(baseFiles);
  return expected.every((path) => {
    if (!there.has(path) || shown.includes(path)) return false;
    return !questionFor(request, baseFiles, { plan, above: path }).shown.includes(path);
  });
}

export function noUsableAnswer(run: TaskRun, { problems }: Written): Failure {
  if (!hasBudget(run)) return budgetExhausted('without a usable answer');
  if (!run.tools.provider.goalAddressed) return nothingToLayOut(run);
  const told = problems.map(tellProblem).join('; ');
  return {
    code: 'no_usable_answer',
    message: `no answer of ${run.request.model.id} could be used: ${told || 'it changes nothing'}`,
    remedy: 'Say more in the goal, name output_contract.expected_files, or serve another model.',
  };
}

function nothingToLayOut({ request }: TaskRun): Failure {
  const { expected_files: expected } = request.payload.output_contract;
  const there =
    expected.length === 0
      ? 'the task names none in output_contract.expected_files'
      : `${expected.join(', ')} ${expected.length === 1 ? 'is' : 'are'} there already`;
  return {
    code: 'no_usable_answer',
    message: `no language model could take the task, and the built-in scaffold creates missing files only: ${there}`,
    remedy:
      'Get a model (`agentctl models --fits` names the command), then resume the task from the start.',
  };
}

function budgetExhausted(when: string): Failure {
  return {
    code: 'budget_exhausted',
    message: `the budget was used up ${when}`,
    remedy: 'Submit again with greater constraints.max_tokens or constraints.latency_ms.',
  };
}

export function modelUnavailable(run: TaskRun, error: ModelError): Failure {
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
