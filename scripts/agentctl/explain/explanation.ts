import type { EventData, TaskEvent } from '../../../lib/task/event.ts';
import type { TaskView } from '../../../lib/task/view.ts';

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
  /** Tokens generated over all steps that ran, and the milliseconds of all of them. */
  total: { tokens: number; ms: number };
}

export interface ExplainedStep {
  step: string;
  title: string;
  attempt: number;
  outcome: 'running' | 'done' | 'failed';
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
    total: {
      tokens: steps.reduce((sum, { tokens }) => sum + tokens, 0),
      ms: steps.reduce((sum, { ms }) => sum + ms, 0),
    },
  };
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
  }
  return steps;
}

function startedStep({ step, title }: EventData<'step.started'>, attempt: number): ExplainedStep {
  return { step, title, attempt, outcome: 'running', ms: 0, tokens: 0, detail: '', replayed: 0 };
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
