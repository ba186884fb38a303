import type { EventData, TaskEvent } from '../../../lib/task/event.ts';
import type { TaskResult, TaskView, Usage } from '../../../lib/task/view.ts';

/** Why a task went the way it did, gathered from its events. */
export interface Explanation {
  task_id: string;
  goal: string;
  status: TaskView['status'];
  verdict: TaskView['verdict'];
  failure: TaskView['failure'];
  /** The last choice; null before one. */
  model: Pick<EventData<'model.routed'>, 'model' | 'provider' | 'llm' | 'why'> | null;
  refused: EventData<'model.routed'>['refused'];
  /** What each question showed to the model. */
  prompts: EventData<'prompt.built'>[];
  steps: ExplainedStep[];
  /** Over all attempts; null before the end. */
  usage: Usage | null;
  /** Whether the result is in the workspace, and why; null before the end. */
  workspace: TaskResult['apply'] | null;
  /** Milliseconds; undefined where it has not come so far. */
  waited_ms: number | undefined;
  worked_ms: number | undefined;
  /** Tokens generated over all steps that ran, and the milliseconds of all of them. */
  total: { tokens: number; ms: number };
}

export interface ExplainedStep {
  step: string;
  title: string;
  attempt: number;
  outcome: 'running' | 'done' | 'failed';
  /** How a tool judged the tree in it; null in a step that judges nothing. */
  judged: EventData<'oracle.finished'>['status'] | null;
  ms: number;
  tokens: number;
  detail: string;
  /** How often a later attempt took it from the journal instead of running it again. */
  replayed: number;
}

export function explain(task: TaskView, events: readonly TaskEvent[]): Explanation {
  const steps = stepsIn(events);
  const prompts = new Map<string, EventData<'prompt.built'>>();
  let routed: EventData<'model.routed'> | undefined;
  for (const event of events) {
    if (event.type === 'model.routed') routed = event.data;
    if (event.type === 'prompt.built') prompts.set(event.data.step, event.data);
  }
  return {
    task_id: task.task_id,
    goal: task.payload.input.goal,
    status: task.status,
    verdict: task.verdict,
    failure: task.failure,
    model: routed === undefined ? null : chosenOf(routed),
    refused: routed?.refused ?? [],
    prompts: [...prompts.values()],
    steps,
    usage: task.result?.usage ?? null,
    workspace: task.result?.apply ?? null,
    waited_ms: between(task.submitted_at, task.started_at),
    worked_ms: between(task.started_at, task.finished_at),
    total: {
      tokens: steps.reduce((sum, { tokens }) => sum + tokens, 0),
      ms: steps.reduce((sum, { ms }) => sum + ms, 0),
    },
  };
}

function between(from: string | null, to: string | null): number | undefined {
  return from === null || to === null ? undefined : Date.parse(to) - Date.parse(from);
}

function chosenOf({ model, provider, llm, why }: EventData<'model.routed'>) {
  return { model, provider, llm, why };
}

function stepsIn(events: readonly TaskEvent[]): ExplainedStep[] {
  const steps: ExplainedStep[] = [];
  let attempt = 0;
  for (const event of events) {
    if (event.type === 'task.claimed') attempt = event.data.attempt;
    if (event.type === 'step.started') steps.push(startedStep(event.data, attempt));
    if (event.type === 'step.finished') finish(steps, event.data);
    if (event.type === 'oracle.finished') judge(steps, event.data);
  }
  return steps;
}

function startedStep({ step, title }: EventData<'step.started'>, attempt: number): ExplainedStep {
  const nothing = { ms: 0, tokens: 0, detail: '', replayed: 0, judged: null };
  return { step, title, attempt, outcome: 'running', ...nothing };
}

/** What fails before anything was changed, or must fail there, is no judgement of the result. */
function judge(steps: ExplainedStep[], { step: key, status }: EventData<'oracle.finished'>): void {
  const step = steps.findLast((one) => one.step === key);
  if (step !== undefined && !/^(baseline|generated)/.test(key)) step.judged = status;
}

function finish(steps: ExplainedStep[], data: EventData<'step.finished'>): void {
  const step = steps.findLast(({ step: key }) => key === data.step);
  if (step === undefined) return;
  if (data.outcome === 'replayed') {
    step.replayed += 1;
    return;
  }
  const { outcome, ms, tokens, detail = '' } = data;
  Object.assign(step, { outcome, ms, tokens, detail });
}
