import type { GpuReading } from '../gpu/gpu.ts';
import type { Language } from '../task/payload.ts';
import type { ModelCard } from './card.ts';
import { memoryNeededMiB } from './fit.ts';

export interface Demand {
  /** Undefined: any language. */
  language?: Language | undefined;
  promptTokens: number;
  /** Tokens that one answer must have room for. */
  answerTokens: number;
}

/** Context for which the memory of a model that is not loaded is reckoned, unless the task needs more. */
const USUAL_CONTEXT = 8_192;

/** Why a model cannot take a task, as sentences for a person; none: it can. */
export function reasonsAgainst(card: ModelCard, demand: Demand, gpu: GpuReading): string[] {
  return [
    languageReason(card, demand.language),
    contextReason(card, demand),
    serverReason(card),
    memoryReason(card, demand, gpu),
  ].filter((reason) => reason !== undefined);
}

function languageReason(card: ModelCard, language: Language | undefined): string | undefined {
  if (language === undefined || card.languages === undefined) return undefined;
  if (card.languages.includes(language)) return undefined;
  return `it does not write ${language}`;
}

function contextReason(card: ModelCard, demand: Demand): string | undefined {
  const needed = tokensNeeded(demand);
  // Without a language model nothing is read into a context.
  if (!card.llm || needed <= card.context_tokens) return undefined;
  return `the task needs ${needed} tokens of context and it has ${card.context_tokens}`;
}

function serverReason(card: ModelCard): string | undefined {
  if (card.provider !== 'openai-compatible' || card.server !== undefined) return undefined;
  return 'no model server that was found serves it';
}

/** Memory is asked for only where the model would still have to be loaded: a server that lists it has room for it. */
function memoryReason(card: ModelCard, demand: Demand, gpu: GpuReading): string | undefined {
  if (!card.llm || card.server !== undefined) return undefined;
  const context = Math.min(card.context_tokens, Math.max(USUAL_CONTEXT, tokensNeeded(demand)));
  const needed = memoryNeededMiB(card, context);
  if (needed === undefined) return 'its memory need is not known';
  const free = freeMemory(gpu);
  if (free.mib === null)
    return `it needs ${gib(needed)} and ${free.where} does not tell what is free`;
  if (needed <= free.mib) return undefined;
  return `it needs ${gib(needed)} at ${context} tokens of context and ${free.where} has ${gib(free.mib)} free`;
}

function tokensNeeded({ promptTokens, answerTokens }: Demand): number {
  return promptTokens + answerTokens;
}

/** The GPU with the most free memory: a model is not spread over several. Without a GPU, the machine's own memory. */
function freeMemory(gpu: GpuReading): { where: string; mib: number | null } {
  if (gpu.kind === 'none') return { where: 'this machine, which has no GPU,', mib: gpu.ramFreeMiB };
  const telling = gpu.gpus.flatMap(({ index, name, freeMiB }) =>
    freeMiB === null ? [] : [{ where: `GPU ${index} (${name})`, mib: freeMiB }],
  );
  const best = telling.toSorted((a, b) => b.mib - a.mib)[0];
  return best ?? { where: 'the GPU', mib: null };
}

function gib(mib: number): string {
  return `${(mib / 1_024).toFixed(1)} GiB`;
}
