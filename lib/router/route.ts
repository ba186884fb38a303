import type { GpuReading } from '../gpu/gpu.ts';
import type { ModelCard } from '../models/card.ts';
import { type ModelPolicy, reasonsAgainst, speedReason } from '../models/eligible.ts';
import { DEFAULT_LATENCY_MS, type TaskPayload } from '../task/payload.ts';

export interface RouteRequest {
  payload: TaskPayload;
  /** Models that can be called for this task. A recording is among them only when it speaks to this goal. */
  candidates: readonly ModelCard[];
  gpu: GpuReading;
  promptTokensEstimate: number;
  /** Tokens that will be generated over all steps, as estimated. */
  tokensNeeded: number;
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

/**
 * The eligible model with the greatest preference. Where all that can be said against the others is that they are slow, and
 * the task does not say how long it may take, the fastest of them is better than a skeleton. The scaffold answers only
 * when nobody else can. Pure.
 */
export function routeTask(request: RouteRequest): Routed {
  const judged = request.candidates.map((card) => judge(card, request));
  const refused = judged
    .map(({ card, reasons, slow }) => ({ model: card.id, reasons: [...reasons, ...slow] }))
    .filter(({ reasons }) => reasons.length > 0);
  const able = judged.filter(({ reasons }) => reasons.length === 0);
  const eligible = able.filter(({ slow }) => slow.length === 0).map(({ card }) => card);
  const models = eligible.filter((card) => card.provider !== 'scaffold').toSorted(byPreference);
  const patient = models.length === 0 ? fastest(able, request) : undefined;
  if (patient !== undefined) {
    const others = refused.filter(({ model }) => model !== patient.card.id);
    return { chosen: patient.card, why: whySlow(patient), refused: others };
  }
  const chosen = models[0] ?? eligible[0];
  if (chosen === undefined) return { why: 'no model can take this task', refused };
  return { chosen, why: whyChosen(chosen, models.length), refused };
}

interface Judged {
  card: ModelCard;
  /** But for its speed. */
  reasons: string[];
  slow: string[];
}

function judge(card: ModelCard, request: RouteRequest): Judged {
  const { payload, tokensNeeded: tokens, speeds } = request;
  const pace = { tokens, latencyMs: payload.input.constraints.latency_ms };
  const slow = speedReason(card, pace, speeds[card.id]);
  return { card, reasons: reasonsFor(card, request), slow: slow === undefined ? [] : [slow] };
}

/** Of the models that are only slow; none where the task itself says how long it may take. */
function fastest(able: readonly Judged[], { payload, speeds }: RouteRequest): Judged | undefined {
  if (payload.input.constraints.latency_ms !== DEFAULT_LATENCY_MS) return undefined;
  const speedOf = ({ card }: Judged) => speeds[card.id] ?? 0;
  const slow = able.filter((one) => one.slow.length > 0);
  return slow.toSorted((a, b) => speedOf(b) - speedOf(a) || byPreference(a.card, b.card))[0];
}

function whySlow({ card, slow }: Judged): string {
  return `${card.id} is slow (${slow.join('; ')}), but no faster model can take this task, and the task does not set latency_ms; what is ready in time is used`;
}

function reasonsFor(card: ModelCard, request: RouteRequest): string[] {
  if (card.provider === 'scaffold' && !request.scaffold) {
    return ['it makes skeletons only, and WHEN_NO_MODEL asks for none'];
  }
  const { payload, promptTokensEstimate: promptTokens, gpu, policy } = request;
  const { language, frameworks, constraints } = payload.input;
  const answerTokens = Math.min(constraints.max_tokens, ANSWER_TOKENS);
  const demand = { language, frameworks, promptTokens, answerTokens };
  return reasonsAgainst(card, demand, { gpu, policy });
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
