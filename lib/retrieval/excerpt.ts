import { queryTerms, tokenize } from './tokenize.ts';

export interface Excerpt {
  /** The first of `lines`, counted from 1. */
  from: number;
  lines: string[];
}

/** The `height` lines in a row of a text that hold the most different words of a question; the first ones of equals. */
export function bestLines(text: string, question: string, height: number): Excerpt {
  const lines = text.split('\n');
  const asked = queryTerms(question);
  const found = lines.map((line) => new Set(tokenize(line).filter((term) => asked.has(term))));
  const counts = new Map<string, number>();
  let best = { from: 0, words: 0 };
  for (const [at, words] of found.entries()) {
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const word of found[at - height] ?? []) forget(counts, word);
    if (counts.size > best.words) best = { from: Math.max(0, at - height + 1), words: counts.size };
  }
  return { from: best.from + 1, lines: lines.slice(best.from, best.from + height) };
}

function forget(counts: Map<string, number>, word: string): void {
  const left = (counts.get(word) ?? 0) - 1;
  if (left > 0) counts.set(word, left);
  else counts.delete(word);
}
