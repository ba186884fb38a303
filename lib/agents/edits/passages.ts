import { structuredPatch } from 'diff';

/** Texts that differ in more lines than this have no passages worth the name. */
const MOST_EDITS = 2_000;
const CONTEXT_LINES = 3;

/**
 * What was changed, in the form that a model is asked for: SEARCH/REPLACE pairs that lead from one text to the other.
 * Undefined when they differ in too much, or in nothing.
 */
export function asPassages(before: string, after: string): string | undefined {
  const options = { context: CONTEXT_LINES, maxEditLength: MOST_EDITS };
  const hunks = structuredPatch('', '', before, after, '', '', options)?.hunks ?? [];
  if (hunks.length === 0) return undefined;
  return hunks.map(({ lines }) => passage(lines, markLength(lines))).join('\n');
}

/** A length of which no line of the text is a divider by itself: an underlined heading looks like one. */
function markLength(lines: readonly string[]): number {
  const isTaken = (length: number) =>
    lines.some((line) => line.slice(1).trim() === '='.repeat(length));
  return [7, 9, 8, 6, 5].find((length) => !isTaken(length)) ?? 7;
}

function passage(lines: readonly string[], length: number): string {
  const side = (signs: string) =>
    lines.filter((line) => signs.includes(line.charAt(0))).map((line) => `${line.slice(1)}\n`);
  const [opening, divider, closing] = ['<', '=', '>'].map((sign) => sign.repeat(length));
  return `${opening} SEARCH\n${side(' -').join('')}${divider}\n${side(' +').join('')}${closing} REPLACE`;
}
