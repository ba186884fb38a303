import { stripVTControlCharacters } from 'node:util';
import type { Terminal } from '../host.ts';

/** What stands before the text of a line, its label and two spaces, is this wide. */
const INDENT = 12;
/** A narrower screen has no room for an indent. */
const LEAST_COLUMNS = 40;

/** The lines as they are shown: broken on a terminal only, so that nobody's `grep` misses half of one. */
export function foldAll(
  lines: readonly string[],
  { live, columns }: Pick<Terminal, 'live' | 'columns'>,
): string {
  return lines.map((line) => (live ? fold(line, columns) : line)).join('\n');
}

/** Breaks a line that is wider than the screen at its spaces, so that the label's column stays free. */
export function fold(line: string, columns: number, indent = INDENT): string {
  if (columns < LEAST_COLUMNS || widthOf(line) < columns) return line;
  const rows: string[] = [];
  let row = '';
  for (const [at, word] of line.split(' ').entries()) {
    const isFull = widthOf(row) + 1 + widthOf(word) >= columns;
    if (isFull && row.trim().length > 0) {
      rows.push(row);
      row = `${' '.repeat(indent)}${word}`;
    } else {
      row = at === 0 ? word : `${row} ${word}`;
    }
  }
  return [...rows, row].join('\n');
}

function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
