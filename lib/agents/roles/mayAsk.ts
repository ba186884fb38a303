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
