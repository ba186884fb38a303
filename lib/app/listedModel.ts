import type { GpuReading } from '../gpu/gpu.ts';
import type { ModelCard } from '../models/card.ts';
import { commandToGet } from '../models/commandToGet.ts';
import { contextToLoad, type Demand, memoryReason } from '../models/eligible.ts';
import { memoryNeededMiB } from '../models/fit.ts';
import type { ListedModel } from '../task/answers.ts';

export interface Candidate {
  card: ModelCard;
  /** False: it is only known by name. */
  served: boolean;
  /** What each worker's machine says against it. */
  judgements: Judgement[];
}

export interface Judgement {
  workerId: string;
  reasons: string[];
  gpu: GpuReading;
  tokensPerSecond: number | undefined;
}

/** A model as the API shows it. */
export function listedModel(
  candidate: Candidate,
  demand: Demand,
  where: { hasOllama: boolean },
): ListedModel {
  const { card, served, judgements } = candidate;
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
    frameworks: card.frameworks ?? null,
    licence: card.licence,
    served,
    memory_needed_mib: memoryNeededMiB(card, contextToLoad(card, demand)) ?? null,
    fits: fitsSomewhere(candidate, demand),
    tokens_per_second: fastest(judgements),
    eligible,
    reasons: eligible ? [] : [...new Set(judgements.flatMap(({ reasons }) => reasons))],
    workers: served ? judgements.map(({ workerId }) => workerId) : [],
    get: served ? null : (commandToGet(card, where) ?? null),
  };
}

/** Null where it is not known what the model needs. */
function fitsSomewhere({ card, served, judgements }: Candidate, demand: Demand): boolean | null {
  if (served) return true;
  if (card.dimensions === undefined || card.file_bytes === undefined) return null;
  return judgements.some(({ gpu }) => memoryReason(card, demand, gpu) === undefined);
}

function fastest(judgements: readonly Judgement[]): number | null {
  const known = judgements.flatMap(({ tokensPerSecond }) => tokensPerSecond ?? []);
  return known.length === 0 ? null : Math.round(Math.max(...known) * 10) / 10;
}
