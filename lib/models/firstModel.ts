import type { GpuReading } from '../gpu/gpu.ts';
import type { ServerTrouble } from '../task/serverTrouble.ts';
import type { ModelCard } from './card.ts';
import { commandToGet } from './commandToGet.ts';
import { memoryNeededMiB } from './fit.ts';

export interface FirstModelQuestion {
  cards: readonly ModelCard[];
  gpu: GpuReading;
  ramTotalMiB: number;
  /** Where model servers were looked for, and what came of each, in words. */
  looked: readonly string[];
  hasOllama: boolean;
}

/** What somebody without a language model is told: three lines. */
export interface FirstModel {
  looked: string;
  could: string;
  next: string;
}

export interface LookedForModels {
  /** Model servers that were asked and cannot be used. */
  troubles: ServerTrouble[];
  /** Absent where a language model answers. */
  firstModel?: FirstModel;
}

const CONTEXT = 8_192;
/** Billions of parameters that a processor works through at a bearable speed, for each token. */
const WITHOUT_GPU_BILLION = 8;
const SHOWN = 3;

/** What was looked for, what this machine could run, and the one command to get it. Pure. */
export function firstModel(question: FirstModelQuestion): FirstModel {
  const fitting = fittingCards(question);
  const best = fitting[0];
  return {
    looked: `no language model answers; looked for ${question.looked.join(', ') || 'none, because MODEL_SERVERS is empty'}`,
    could: `${machine(question)}: ${room(question, fitting)}`,
    next: best?.command ?? 'MODEL_SERVERS=name=http://HOST:PORT/v1 npm start',
  };
}

interface Fitting {
  id: string;
  mib: number;
  command: string;
}

/** Those that can be had with one command, best first. Who has no Ollama is not sent to install it, if that can be. */
function fittingCards(question: FirstModelQuestion): Fitting[] {
  const all = fittingOf(question.cards, question);
  if (question.hasOllama) return all;
  const direct = fittingOf(
    question.cards.filter(({ source }) => source !== undefined),
    question,
  );
  return direct.length > 0 ? direct : all;
}

function fittingOf(cards: readonly ModelCard[], { gpu, hasOllama }: FirstModelQuestion): Fitting[] {
  const free = freeMiB(gpu);
  return cards
    .toSorted((a, b) => b.preference - a.preference)
    .flatMap((card) => {
      const mib = memoryNeededMiB(card, CONTEXT);
      const command = commandToGet(card, { hasOllama });
      if (mib === undefined || command === undefined || mib > free) return [];
      if (gpu.kind === 'none' && !isLight(card)) return [];
      return [{ id: card.id, mib, command }];
    });
}

function isLight(card: ModelCard): boolean {
  const billion = card.active_parameters_billion ?? card.parameters_billion;
  return billion !== undefined && billion <= WITHOUT_GPU_BILLION;
}

function freeMiB(gpu: GpuReading): number {
  if (gpu.kind === 'none') return gpu.ramFreeMiB;
  return Math.max(0, ...gpu.gpus.map((one) => one.freeMiB ?? 0));
}

function machine({ gpu, ramTotalMiB }: FirstModelQuestion): string {
  const memory = `${gib(gpu.ramFreeMiB)} of ${gib(ramTotalMiB)} GiB of memory free`;
  if (gpu.kind === 'none') return `${memory}, no GPU (${gpu.why})`;
  const gpus = gpu.gpus.map(({ index, name, freeMiB: free, totalMiB }) => {
    const told = free === null ? 'free memory not told' : `${gib(free)} GiB free`;
    return `GPU ${index} ${name} ${told}${totalMiB === null ? '' : ` of ${gib(totalMiB)}`}`;
  });
  return [memory, ...gpus].join(', ');
}

function room({ cards }: FirstModelQuestion, fitting: readonly Fitting[]): string {
  if (fitting.length > 0) {
    const shown = fitting.slice(0, SHOWN).map(({ id, mib }) => `${id} (${gib(mib)} GiB)`);
    const more = fitting.length - shown.length;
    return `room for ${shown.join(', ')}${more > 0 ? ` and ${more} smaller` : ''}`;
  }
  const needs = cards.flatMap((card) => memoryNeededMiB(card, CONTEXT) ?? []);
  const least = needs.length === 0 ? '' : `; the smallest needs ${gib(Math.min(...needs))} GiB`;
  return `no room for any of the ${cards.length} known models${least}`;
}

function gib(mib: number): string {
  return (mib / 1_024).toFixed(1);
}
