import { Plan } from '../../task/roles.ts';
import { askJson } from '../askJson.ts';
import { buildRolePrompt } from '../prompt.ts';
import { promptWithPlan, type TaskRun } from '../taskRun.ts';
import { fits } from '../writeCode.ts';
import { isSmall, mayAsk } from './mayAsk.ts';

const KEY = 'plan';
/** Of the answer; the budget keeps the coder's part out of what a planner sees. */
const PLAN_TOKENS = 1_500;
/** Up to here the expected files are the plan. */
const FEW_FILES = 3;

/** Has the work planned once where it is not plain what to change, and gives the coder the plan and the files it names. */
export async function planWork(run: TaskRun): Promise<void> {
  if (!needsPlan(run) || !mayAsk(run, KEY, PLAN_TOKENS)) return;
  const messages = buildRolePrompt('planner', run.firstPrompt);
  if (!fits(run, messages)) return;
  const plan = await askJson<Plan>(run, {
    ...{ key: KEY, title: 'Plan the work', messages, files: run.shown },
    ...{ shape: Plan, maxTokens: PLAN_TOKENS },
    event: (written) => ({ type: 'plan.written', data: { step: KEY, ...written } }),
  });
  if (plan !== undefined) await promptWithPlan(run, plan);
}

/** Not when the model sees everything anyway, nor when a few named files are all that is wanted. */
function needsPlan({ request, leftOut, tools, baseFiles }: TaskRun): boolean {
  const expected = request.payload.output_contract.expected_files.length;
  // Whoever recorded a plan wants it played.
  if (tools.provider.answersStep !== undefined) return true;
  if (isSmall(request.model) && expected > 0) return false;
  const isFew = expected > 0 && expected <= FEW_FILES;
  const isSure = leftOut.length === 0 && baseFiles.length > 0;
  return !isFew && (!isSure || expected > FEW_FILES);
}
