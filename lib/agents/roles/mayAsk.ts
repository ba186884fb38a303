import type { ModelCard } from '../../models/card.ts';
import type { TaskRun } from '../taskRun.ts';
import { hasBudget } from '../writeCode.ts';

/** Whether a role beside the coder has somebody to speak for it, and tokens to do so. */
export function mayAsk(run: TaskRun, step: string, leastTokens: number): boolean {
  const { provider } = run.tools;
  const { goal } = run.request.payload.input;
  if (!provider.goalAddressed || !hasBudget(run)) return false;
  if (run.budget.tokensLeftFor('helper') < leastTokens) return false;
  return provider.answersStep?.(goal, step) ?? true;
}

const SMALL_BILLION = 8;

/** Models of that size lose the thread in long answers: one file a call, and no plan that the task does not need. */
export function isSmall({ parameters_billion: billion }: ModelCard): boolean {
  return billion !== undefined && billion <= SMALL_BILLION;
}
