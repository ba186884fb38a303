/** Of what was searched for, the longest lines say most; comparing all of them with a large file would take too long. */
const COMPARED_LINES = 12;
const TOLD_LINES = 24;
const LEAST_ALIKE = 0.5;

/** The lines of the file that are most like what was searched for: what the model should have copied. */
export function nearestLines(source: readonly string[], search: readonly string[]): string {
  const start = bestStart(source, search);
  if (start === undefined) return 'nothing similar in the file';
  const from = Math.max(0, start);
  const end = Math.min(source.length, start + search.length);
  const told = source.slice(from, Math.min(end, from + TOLD_LINES));
  const more = end - from - told.length;
  return `closest lines ${from + 1}-${end}:\n${told.join('\n')}${more > 0 ? `\n(and ${more} more)` : ''}`;
}

/** The line on which the passage would begin, so that most of its lines find one that is like them. */
function bestStart(source: readonly string[], search: readonly string[]): number | undefined {
  const wanted = longestLines(search);
  const scores = new Map<number, number>();
  for (const [at, text] of source.entries()) {
    const line = lineOf(text, at);
    for (const one of wanted) {
      const alike = likeness(line, one);
      if (alike < LEAST_ALIKE) continue;
      const start = at - one.row;
      scores.set(start, (scores.get(start) ?? 0) + alike);
    }
  }
  const [first, ...others] = scores;
  if (first === undefined) return undefined;
  return others.reduce((best, one) => (one[1] > best[1] ? one : best), first)[0];
}

interface Line {
  row: number;
  text: string;
  words: ReadonlySet<string>;
}

function longestLines(search: readonly string[]): Line[] {
  return search
    .map(lineOf)
    .filter(({ words }) => words.size > 0)
    .sort((a, b) => b.text.length - a.text.length)
    .slice(0, COMPARED_LINES);
}

function lineOf(line: string, row: number): Line {
  const words = line.slice(0, 400).match(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu) ?? [];
  return { row, text: line.trim(), words: new Set(words) };
}

/** Dice's coefficient of their words: 1 for the same line, 0 for nothing in common. */
function likeness(a: Line, b: Line): number {
  if (a.text === b.text) return 1;
  let common = 0;
  for (const word of a.words) if (b.words.has(word)) common += 1;
  return (2 * common) / (a.words.size + b.words.size);
}
