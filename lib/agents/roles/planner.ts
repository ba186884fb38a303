import type { ChatMessage } from '../../llm/llm.ts';
import { Plan } from '../../task/roles.ts';
import { askJson } from '../askJson.ts';
import { questionFor } from '../firstQuestion.ts';
import { buildRolePrompt, CHARS_PER_TOKEN, promptTokens, withFound } from '../prompt.ts';
import type { PromptName } from '../promptTemplate.ts';
import { isSmall } from '../smallModel.ts';
import type { TaskRun } from '../taskRun.ts';
import { mayFit } from '../writeCode.ts';
import { foundBlocks, lookUp } from './lookUp.ts';
import { mayAsk } from './mayAsk.ts';

const KEY = 'plan';
const SECOND_KEY = 'plan.2';
/** Of the answer; the budget keeps the coder's part out of what a planner sees. */
const PLAN_TOKENS = 1_500;
/** Up to here the expected files are the plan. */
const FEW_FILES = 3;

/** Has the work planned once where it is not plain what to change, and gives the coder the plan and the files it names. */
export async function planWork(run: TaskRun): Promise<void> {
  if (!needsPlan(run) || !mayAsk(run, KEY, PLAN_TOKENS)) return;
  const messages = buildRolePrompt('planner', run.taskPrompt);
  if (!(await mayFit(run, KEY, messages))) return;
  const templates: PromptName[] = ['planner'];
  const asked = { key: KEY, title: 'Plan the work', messages, files: run.shown, templates };
  const plan = await askForPlan(run, asked);
  if (plan === undefined) return;
  askCoderWith(run, (await planAgain(run, messages, plan)) ?? plan);
}

/** The coder's first question anew, with the plan and, before other files, those that the plan names. */
function askCoderWith(run: TaskRun, plan: Plan): void {
  Object.assign(run, questionFor(run.request, run.baseFiles, { plan }), { plan });
}

interface PlanQuestion {
  key: string;
  title: string;
  messages: readonly ChatMessage[];
  files: readonly string[];
  templates: readonly PromptName[];
}

function askForPlan(run: TaskRun, question: PlanQuestion): Promise<Plan | undefined> {
  return askJson<Plan>(run, {
    ...{ ...question, shape: Plan, maxTokens: PLAN_TOKENS },
    tell: ({ kind, files }) =>
      `${kind}: ${files.map(({ path }) => path).join(', ') || 'names no file'}`,
    event: (written) => ({ type: 'plan.written', data: { step: question.key, ...written } }),
  });
}

/** What a planner would have liked to see is looked up once, and the plan asked for again. */
async function planAgain(
  run: TaskRun,
  messages: readonly ChatMessage[],
  { needs_more_context: needed = [] }: Plan,
): Promise<Plan | undefined> {
  const queries = needed.map(({ query }) => query.trim()).filter((query) => query !== '');
  if (queries.length === 0 || !mayAsk(run, SECOND_KEY, PLAN_TOKENS)) return undefined;
  const found = await lookUp(run, queries);
  const room = run.request.model.context_tokens - promptTokens(messages) - 2 * PLAN_TOKENS;
  const blocks = foundBlocks(run, found, room * CHARS_PER_TOKEN);
  const paths = blocks.flatMap(({ paths: shown }) => shown);
  // Nothing new to see: the same question would only get the same answer.
  if (paths.length === 0) return undefined;
  return askForPlan(run, {
    ...{ key: SECOND_KEY, title: 'Plan again with what was found' },
    messages: withFound(messages, blocks),
    files: [...run.shown, ...paths],
    templates: ['planner', 'found'],
  });
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
