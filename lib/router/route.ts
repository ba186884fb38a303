import type { GpuReading } from '../gpu/gpu.ts';
import type { ModelCard } from '../models/card.ts';
import { type ModelPolicy, reasonsAgainst } from '../models/eligible.ts';
import type { TaskPayload } from '../task/payload.ts';

export interface RouteRequest {
  payload: TaskPayload;
  /** Models that can be called for this task. A recording is among them only when it speaks to this goal. */
  candidates: readonly ModelCard[];
  gpu: GpuReading;
  promptTokensEstimate: number;
  policy: ModelPolicy;
  /** Tokens a second, measured here, by the id of the model. */
  speeds: Readonly<Record<string, number>>;
  /** False: a task that no model can take gets no skeleton either. */
  scaffold: boolean;
}

export interface Routed {
  /** Absent when no candidate can take the task. */
  chosen?: ModelCard;
  /** One sentence for a person. */
  why: string;
  /** The candidates that cannot take the task, each with its reasons. */
  refused: { model: string; reasons: string[] }[];
}

/** Room that one answer needs at least; the task's own bound counts over all its steps. */
const ANSWER_TOKENS = 2_048;

/** The eligible model with the greatest preference. The scaffold answers only when nobody else can. Pure. */
export function routeTask(request: RouteRequest): Routed {
  const judged = request.candidates.map((card) => ({ card, reasons: reasonsFor(card, request) }));
  const refused = judged
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ card, reasons }) => ({ model: card.id, reasons }));
  const eligible = judged.filter(({ reasons }) => reasons.length === 0).map(({ card }) => card);
  const models = eligible.filter((card) => card.provider !== 'scaffold').toSorted(byPreference);
  const chosen = models[0] ?? eligible[0];
  if (chosen === undefined) return { why: 'no model can take this task', refused };
  return { chosen, why: whyChosen(chosen, models.length), refused };
}

function reasonsFor(card: ModelCard, request: RouteRequest): string[] {
  if (card.provider === 'scaffold' && !request.scaffold) {
    return ['it makes skeletons only, and WHEN_NO_MODEL asks for none'];
  }
  const { payload, promptTokensEstimate: promptTokens, gpu, policy, speeds } = request;
  const { language, frameworks, constraints } = payload.input;
  const { max_tokens: maxTokens, latency_ms: latencyMs } = constraints;
  const answerTokens = Math.min(maxTokens, ANSWER_TOKENS);
  const pace = { maxTokens, latencyMs };
  const demand = { language, frameworks, promptTokens, answerTokens, pace };
  return reasonsAgainst(card, demand, { gpu, policy, tokensPerSecond: speeds[card.id] });
}

/** Equal preferences are told apart by the id, so that the same candidates always give the same choice. */
function byPreference(a: ModelCard, b: ModelCard): number {
  if (a.preference !== b.preference) return b.preference - a.preference;
  return a.id < b.id ? -1 : 1;
}

function whyChosen(chosen: ModelCard, models: number): string {
  if (chosen.provider === 'scaffold') {
    return 'no model can take this task, so the built-in scaffold makes a skeleton; the goal is not addressed';
  }
  if (chosen.provider === 'replay') return 'answers to this goal were recorded';
  return models === 1
    ? `${chosen.id} is the only model that can take this task`
    : `${chosen.id} has the greatest preference (${chosen.preference}) of ${models} models that can take this task`;
}
