import type { GpuReading } from '../gpu/gpu.ts';
import type { Language } from '../task/payload.ts';
import type { ModelCard } from './card.ts';
import { memoryNeededMiB } from './fit.ts';

export interface Demand {
  /** Undefined: any language. */
  language?: Language | undefined;
  /** All of them are needed. */
  frameworks?: readonly string[] | undefined;
  promptTokens: number;
  /** Tokens that one answer must have room for. */
  answerTokens: number;
  /** Undefined where speed does not matter. */
  pace?: Pace | undefined;
}

/** Tokens that will be generated over all steps, and the time for them. */
export interface Pace {
  tokens: number;
  latencyMs: number;
}

/** Which models the operator lets take tasks at all. */
export interface ModelPolicy {
  /** Undefined: any. */
  licences: readonly string[] | undefined;
  /** True when code may leave the machine. */
  allowCloud: boolean;
}

/** Where a model would run: one live worker, and what is known of the model there. */
export interface Site {
  gpu: GpuReading;
  policy: ModelPolicy;
  /** As measured on that worker's machine; undefined before the first answer. */
  tokensPerSecond?: number | undefined;
}

/** Context for which the memory of a model that is not loaded is reckoned, unless the task needs more. */
const USUAL_CONTEXT = 8_192;

/** Why a model cannot take a task, as sentences for a person; none: it can. */
export function reasonsAgainst(card: ModelCard, demand: Demand, site: Site): string[] {
  return [
    languageReason(card, demand.language),
    frameworksReason(card, demand.frameworks ?? []),
    contextReason(card, demand),
    licenceReason(card, site.policy),
    cloudReason(card, site.policy),
    serverReason(card),
    memoryReason(card, demand, site.gpu),
    demand.pace && speedReason(card, demand.pace, site.tokensPerSecond),
  ].filter((reason) => reason !== undefined);
}

/** Why the memory of a machine is too small for a model that is not loaded; undefined when it is not, or is not asked. */
export function memoryReason(
  card: ModelCard,
  demand: Pick<Demand, 'promptTokens' | 'answerTokens'>,
  gpu: GpuReading,
): string | undefined {
  if (!card.llm || card.server !== undefined) return undefined;
  const context = contextToLoad(card, demand);
  const needed = memoryNeededMiB(card, context);
  if (needed === undefined) return 'its memory need is not known';
  const free = card.runs_on === 'processor' ? freeRam(gpu) : freeMemory(gpu);
  if (free.mib === null)
    return `it needs ${gib(needed)} and ${free.where} does not tell what is free`;
  if (needed <= free.mib) return undefined;
  const held = free.leased === undefined ? '' : ` (leased: ${free.leased})`;
  return `it needs ${gib(needed)} at ${context} tokens of context and ${free.where} has ${gib(free.mib)} free${held}`;
}

/** Why a model is too slow on a machine; undefined when it is not, or was never measured there. */
export function speedReason(
  card: Pick<ModelCard, 'llm'>,
  { tokens, latencyMs }: Pace,
  tokensPerSecond: number | undefined,
): string | undefined {
  if (!card.llm || tokensPerSecond === undefined) return undefined;
  const neededMs = (tokens / tokensPerSecond) * 1_000;
  if (neededMs <= latencyMs) return undefined;
  const within = Math.floor((tokensPerSecond * latencyMs) / 1_000);
  return (
    `it writes ${tokensPerSecond.toFixed(1)} tokens a second here: ${tokens} tokens would take ` +
    `${Math.ceil(neededMs / 1_000)} s and latency_ms allows ${Math.floor(latencyMs / 1_000)} s (${within} tokens)`
  );
}

/** Tokens of context that a model would be loaded with for a task. */
export function contextToLoad(
  card: Pick<ModelCard, 'context_tokens'>,
  demand: Pick<Demand, 'promptTokens' | 'answerTokens'>,
): number {
  return Math.min(card.context_tokens, Math.max(USUAL_CONTEXT, tokensNeeded(demand)));
}

/** True when code leaves the machine for it. */
export function isCloud({ provider }: Pick<ModelCard, 'provider'>): boolean {
  return provider === 'anthropic' || provider === 'openai';
}

function languageReason(card: ModelCard, language: Language | undefined): string | undefined {
  if (language === undefined || card.languages === undefined) return undefined;
  if (card.languages.includes(language)) return undefined;
  return `it does not write ${language}`;
}

function frameworksReason(card: ModelCard, asked: readonly string[]): string | undefined {
  const { frameworks } = card;
  if (frameworks === undefined) return undefined;
  const unknown = asked.filter((name) => !frameworks.includes(name.toLowerCase()));
  return unknown.length === 0 ? undefined : `its card does not name ${unknown.join(', ')}`;
}

function contextReason(card: ModelCard, demand: Demand): string | undefined {
  const needed = tokensNeeded(demand);
  // Without a language model nothing is read into a context.
  if (!card.llm || needed <= card.context_tokens) return undefined;
  return `the task needs ${needed} tokens of context and it has ${card.context_tokens}`;
}

function licenceReason(card: ModelCard, { licences }: ModelPolicy): string | undefined {
  if (!card.llm || licences === undefined) return undefined;
  const allowed = licences.some((name) => name.toLowerCase() === card.licence.toLowerCase());
  if (allowed) return undefined;
  return `its licence, ${card.licence}, is not among LICENCES_ALLOWED (${licences.join(', ')})`;
}

function cloudReason(card: ModelCard, { allowCloud }: ModelPolicy): string | undefined {
  if (!isCloud(card) || allowCloud) return undefined;
  return 'code would leave this machine, which ALLOW_CLOUD=1 would have to permit';
}

/** A server that lists a model has room for it; the others run in a server of somebody's, too. */
function serverReason(card: ModelCard): string | undefined {
  if (!card.llm || card.provider === 'embedded' || card.server !== undefined) return undefined;
  return 'no model server that was found serves it';
}

function tokensNeeded({
  promptTokens,
  answerTokens,
}: Pick<Demand, 'promptTokens' | 'answerTokens'>) {
  return promptTokens + answerTokens;
}

interface FreeMemory {
  where: string;
  mib: number | null;
  /** Who has leased some of it. */
  leased?: string | undefined;
}

/** The GPU with the most free memory: a model is not spread over several. Without a GPU, the machine's own memory. */
function freeMemory(gpu: GpuReading): FreeMemory {
  if (gpu.kind === 'none') return { where: 'this machine, which has no GPU,', mib: gpu.ramFreeMiB };
  const telling = gpu.gpus.flatMap(({ index, name, freeMiB: mib, leased }) =>
    mib === null ? [] : [{ where: `GPU ${index} (${name})`, mib, leased }],
  );
  const best = telling.toSorted((a, b) => b.mib - a.mib)[0];
  return best ?? { where: 'the GPU', mib: null };
}

/** A GPU is of no use to a runtime that was not made for it. */
function freeRam({ ramFreeMiB }: GpuReading): FreeMemory {
  return { where: 'this machine, on whose processor it would run,', mib: ramFreeMiB };
}

function gib(mib: number): string {
  return `${(mib / 1_024).toFixed(1)} GiB`;
}
