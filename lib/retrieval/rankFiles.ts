import { bm25, type Field } from './bm25.ts';
import { symbolsOf } from './symbols.ts';
import { type KnownTerms, queryTerms, tokenize } from './tokenize.ts';

export interface SourceFile {
  path: string;
  text: string;
  isTest: boolean;
}

/** What a file's head tells about it; the rest of a long file adds little and costs time. */
const MAX_CHARS = 200_000;

const WEIGHTS = { content: 1, symbols: 0.4, path: 0.4, mentioned: 1 };
/** A test mentions everything that it tests. */
const TEST_SHARE = 0.3;

/** The files in the order in which they matter for a question, the best first; those that share no word with it last. */
export function rankFiles(files: readonly SourceFile[], question: string): string[] {
  return scoreFiles(files, question).map(({ path }) => path);
}

/**
 * What each file is worth for a question, the best first, equals by path; 0 without a common word. Content, symbols and
 * path by BM25, each divided by its maximum, and the paths that the question names. Pure: the same files and question
 * give the same order.
 */
export function scoreFiles(
  files: readonly SourceFile[],
  question: string,
): { path: string; score: number }[] {
  const terms = queryTerms(question);
  const known: KnownTerms = new Map();
  const read = files.map((file) => fieldsOf(file, known));
  const scores = total([
    [
      WEIGHTS.content,
      bm25(
        read.map(({ body, symbols, path }) => [body, symbols, path]),
        terms,
      ),
    ],
    [
      WEIGHTS.symbols,
      bm25(
        read.map(({ symbols }) => [symbols]),
        terms,
      ),
    ],
    [
      WEIGHTS.path,
      bm25(
        read.map(({ path }) => [path]),
        terms,
      ),
    ],
    [WEIGHTS.mentioned, files.map(({ path }) => mention(path, question))],
  ]);
  const wantsTests = /\btests?\b/i.test(question);
  return files
    .map(({ path, isTest }, at) => {
      const share = isTest && !wantsTests ? TEST_SHARE : 1;
      return { path, score: (scores[at] ?? 0) * share };
    })
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
}

interface Fields {
  body: Field;
  symbols: Field;
  path: Field;
}

function fieldsOf({ path, text }: SourceFile, known: KnownTerms): Fields {
  const head = text.slice(0, MAX_CHARS);
  return {
    body: { terms: tokenize(head, known), weight: 1, b: 0.75 },
    symbols: { terms: tokenize(symbolsOf(head).join(' '), known), weight: 5, b: 0.5 },
    path: { terms: tokenize(path, known), weight: 8, b: 0.3 },
  };
}

/** 1 when the question names the path, or its file name; a name of three letters could be any word. */
function mention(path: string, question: string): number {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (question.includes(path)) return 1;
  return name.length > 3 && name.includes('.') && question.includes(name) ? 1 : 0;
}

function total(signals: readonly (readonly [weight: number, scores: readonly number[]])[]) {
  const sums: number[] = [];
  for (const [weight, scores] of signals) {
    const best = scores.reduce((most, score) => Math.max(most, score), 0);
    if (best === 0) continue;
    for (const [at, score] of scores.entries())
      sums[at] = (sums[at] ?? 0) + (weight * score) / best;
  }
  return sums;
}
