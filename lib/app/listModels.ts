import type { ModelCard } from '../models/card.ts';
import { type Demand, reasonsAgainst } from '../models/eligible.ts';
import type { WorkerRecord } from '../presence/presence.ts';
import type { ListedModel, ModelsAnswer } from '../task/answers.ts';
import type { ModelsQuery } from '../task/queries.ts';
import type { AppDeps } from './app.ts';

/** The models of the live workers, judged on the memory of the workers that have them; best first. */
export async function listModels({ presence }: AppDeps, query: ModelsQuery): Promise<ModelsAnswer> {
  const workers = await presence.liveWorkers();
  const models = judgeModels(workers, query);
  return {
    data: query.all ? models : models.filter(({ eligible }) => eligible),
    workers_alive: workers.length,
  };
}

interface Candidate {
  card: ModelCard;
  /** What each worker that has it says against it. */
  judgements: { workerId: string; reasons: string[] }[];
}

/**
 * A model is eligible when one worker can run it. Frameworks narrow nothing: no card tells any, so every model of the
 * language may be asked.
 */
export function judgeModels(
  workers: readonly WorkerRecord[],
  { language, context = 0 }: Pick<ModelsQuery, 'language' | 'context'>,
): ListedModel[] {
  const demand: Demand = { language, promptTokens: context, answerTokens: 0 };
  const candidates = new Map<string, Candidate>();
  for (const { workerId, gpu, models } of workers) {
    for (const card of models) {
      const key = JSON.stringify([card.id, card.provider, card.server]);
      const candidate = candidates.get(key) ?? { card, judgements: [] };
      candidate.judgements.push({ workerId, reasons: reasonsAgainst(card, demand, gpu) });
      candidates.set(key, candidate);
    }
  }
  return [...candidates.values()].sort(bestFirst).map(listed);
}

function bestFirst(a: Candidate, b: Candidate): number {
  return b.card.preference - a.card.preference || (a.card.id < b.card.id ? -1 : 1);
}

function listed({ card, judgements }: Candidate): ListedModel {
  const eligible = judgements.some(({ reasons }) => reasons.length === 0);
  return {
    id: card.id,
    provider: card.provider,
    server: card.server ?? null,
    family: card.family,
    llm: card.llm,
    parameters_billion: card.parameters_billion ?? null,
    quantisation: card.quantisation ?? null,
    file_bytes: card.file_bytes ?? null,
    context_tokens: card.context_tokens,
    languages: card.languages ?? null,
    licence: card.licence,
    eligible,
    reasons: eligible ? [] : [...new Set(judgements.flatMap(({ reasons }) => reasons))],
    workers: judgements.map(({ workerId }) => workerId),
  };
}
