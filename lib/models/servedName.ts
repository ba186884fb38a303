import type { ModelCard } from './card.ts';

/** Words of a file or repository name that do not tell which model it is. */
const NOISE = new Set(
  'instruct chat it gguf latest hf mlx awq gptq exl2 fp8 fp16 bf16 f16 f32 int4 int8 4bit 8bit 6bit mxfp4 ud imat preview'.split(
    ' ',
  ),
);
const QUANTISATION = /^(?:i?q\d\w*|k|s|m|l|xl|xs|xxs|0|1)$/;
/** Release dates such as 2507. */
const DATE = /^2[4-9](?:0[1-9]|1[0-2])$/;
/** Models that answer no chat. */
const OTHER_TRADE = /embed|rerank|whisper|\bbge\b|\btts\b|\bocr\b|diffusion|clip/i;

/** False for the embedding, speech and image models that servers list beside the others. */
export function mayChat(servedName: string): boolean {
  return !OTHER_TRADE.test(servedName);
}

/**
 * The known model behind a name as a server gives it: "qwen2.5-coder:7b", "Qwen/Qwen2.5-Coder-7B-Instruct-GGUF" and
 * "/models/qwen2.5-coder-7b-instruct-q4_k_m.gguf" are the same. A name may leave out the end of the card's ("a3b")
 * or go on behind it, but must tell the size.
 */
export function knownModel(servedName: string, cards: readonly ModelCard[]): ModelCard | undefined {
  const served = wordsOf(servedName);
  const matches = cards.filter((card) => isSame(served, wordsOf(card.id)));
  return matches.toSorted((a, b) => wordsOf(b.id).length - wordsOf(a.id).length)[0];
}

function isSame(served: readonly string[], known: readonly string[]): boolean {
  if (startsWith(served, known)) return true;
  return served.some(isSize) && startsWith(known, served);
}

function startsWith(words: readonly string[], start: readonly string[]): boolean {
  return start.length > 0 && start.every((word, index) => words[index] === word);
}

function isSize(word: string): boolean {
  return /^\d+(?:\.\d+)?b$/.test(word);
}

function wordsOf(name: string): string[] {
  const file = name.split(/[/\\]/).at(-1) ?? name;
  const words = file
    .toLowerCase()
    .replace(/\.gguf$/, '')
    .replace(/-\d{5}-of-\d{5}$/, '')
    .split(/[:@_\s-]+/);
  const quantised = words.findIndex((word) => /^i?q\d/.test(word));
  return words.filter((word, index) => {
    if (word === '' || NOISE.has(word) || DATE.test(word)) return false;
    return quantised < 0 || index < quantised || !QUANTISATION.test(word);
  });
}
