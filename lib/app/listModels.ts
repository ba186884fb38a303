import { readCards } from '../llm/readModelFiles.ts';
import type { ModelCard } from '../models/card.ts';
import { type Demand, type ModelPolicy, reasonsAgainst } from '../models/eligible.ts';
import type { WorkerRecord } from '../presence/presence.ts';
import type { ListedModel, ModelsAnswer } from '../task/answers.ts';
import type { ModelsQuery } from '../task/queries.ts';
import type { AppDeps } from './app.ts';
import { type Candidate, type Judgement, listedModel } from './listedModel.ts';
import { serverTroubles } from './serverTroubles.ts';

/** The models of the live workers, judged on the machines of the workers that have them; best first. */
export async function listModels(
  { presence, config }: AppDeps,
  query: ModelsQuery,
): Promise<ModelsAnswer> {
  const workers = await presence.liveWorkers();
  const known = query.all ? knownCards(config.modelsFile) : [];
  const models = judgeModels(workers, query, { known, policy: config.modelPolicy });
  return {
    data: query.all ? models : models.filter(({ eligible }) => eligible),
    workers_alive: workers.length,
    troubles: serverTroubles(workers),
  };
}

const read = new Map<string | undefined, ModelCard[]>();

/** Read once: the workers, which refuse a flawed file at their start, do so too. */
function knownCards(modelsFile: string | undefined): ModelCard[] {
  const cards = read.get(modelsFile) ?? readCards(modelsFile);
  read.set(modelsFile, cards);
  return cards;
}

type Asked = Omit<ModelsQuery, 'all'>;

interface Judging {
  /** Models that are known by name; those that no worker has are listed as not served. */
  known: readonly ModelCard[];
  policy: ModelPolicy;
}

/**
 * A model is eligible when one worker can run it. One that nobody serves is judged on every worker's machine: on which it
 * would fit, and what is against it besides.
 */
export function judgeModels(
  workers: readonly WorkerRecord[],
  asked: Asked,
  { known, policy }: Judging,
): ListedModel[] {
  const demand = demandOf(asked);
  const candidates = new Map<string, Candidate>();
  const judge = (card: ModelCard, worker: WorkerRecord): void => {
    const key = JSON.stringify([card.id, card.provider, card.server]);
    const candidate = candidates.get(key) ?? {
      card,
      served: worker.models.includes(card),
      judgements: [],
    };
    candidate.judgements.push(judgementOf(card, worker, { demand, policy }));
    candidates.set(key, candidate);
  };
  for (const worker of workers) for (const card of worker.models) judge(card, worker);
  const unserved = known.filter(({ id }) => !workers.some((worker) => has(worker, id)));
  for (const worker of workers) for (const card of unserved) judge(card, worker);
  const hasOllama = workers.some(({ models }) =>
    models.some(({ provider }) => provider === 'ollama'),
  );
  return [...candidates.values()]
    .sort(bestFirst)
    .map((candidate) => listedModel(candidate, demand, { hasOllama }));
}

function demandOf({ language, frameworks, context = 0, max_tokens, latency_ms }: Asked): Demand {
  const pace =
    max_tokens === undefined || latency_ms === undefined
      ? undefined
      : { tokens: max_tokens, latencyMs: latency_ms };
  return { language, frameworks, promptTokens: context, answerTokens: 0, pace };
}

function judgementOf(
  card: ModelCard,
  { workerId, gpu, speeds = {} }: WorkerRecord,
  { demand, policy }: { demand: Demand; policy: ModelPolicy },
): Judgement {
  const tokensPerSecond = speeds[card.id];
  const reasons = reasonsAgainst(card, demand, { gpu, policy, tokensPerSecond });
  return { workerId, reasons, gpu, tokensPerSecond };
}

function has({ models }: WorkerRecord, id: string): boolean {
  return models.some((card) => card.id === id);
}

/** Those that can be called come first. */
function bestFirst(a: Candidate, b: Candidate): number {
  if (a.served !== b.served) return a.served ? -1 : 1;
  return b.card.preference - a.card.preference || (a.card.id < b.card.id ? -1 : 1);
}
