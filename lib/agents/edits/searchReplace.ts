import { nearestLines } from './nearestLines.ts';

export interface Replacement {
  search: string[];
  replace: string[];
}

export type Replacements =
  | { kind: 'none' }
  | { kind: 'malformed'; detail: string }
  | { kind: 'some'; replacements: Replacement[] };

export type Replaced =
  | { kind: 'replaced'; text: string }
  | { kind: 'missed'; detail: string }
  | { kind: 'ambiguous'; detail: string };

const SEARCH = /^\s*(<{5,9})\s*SEARCH\b/;
const REPLACE = /^\s*>{5,9}\s*REPLACE\b/;
const DIVIDER = /^\s*(={5,9})\s*$/;

/** The SEARCH/REPLACE pairs in a block; prose between them is ignored. */
export function findReplacements(lines: readonly string[]): Replacements {
  const replacements: Replacement[] = [];
  let at = lineFrom(lines, 0, SEARCH);
  while (at !== undefined) {
    const end = lineFrom(lines, at + 1, REPLACE);
    const next = lineFrom(lines, at + 1, SEARCH) ?? lines.length;
    if (end === undefined || next < end) return malformed('a SEARCH without ">>>>>>> REPLACE"');
    const divider = dividerOf(lines, at, end);
    if (typeof divider === 'string') return malformed(divider);
    const search = lines.slice(at + 1, divider);
    replacements.push({ search, replace: lines.slice(divider + 1, end) });
    at = lineFrom(lines, end + 1, SEARCH);
  }
  return replacements.length === 0 ? { kind: 'none' } : { kind: 'some', replacements };
}

function malformed(detail: string): Replacements {
  return { kind: 'malformed', detail };
}

/**
 * The line between the halves: that of the length of the opening mark, where there is one. A heading that is underlined
 * may look the same: which of them is meant is never guessed.
 */
function dividerOf(lines: readonly string[], from: number, to: number): number | string {
  const length = SEARCH.exec(lines[from] ?? '')?.[1]?.length;
  const all = Array.from({ length: to - from - 1 }, (_, offset) => from + 1 + offset);
  const dividers = all.filter((at) => DIVIDER.test(lines[at] ?? ''));
  const same = dividers.filter((at) => DIVIDER.exec(lines[at] ?? '')?.[1]?.length === length);
  const [divider, other] = same.length > 0 ? same : dividers;
  if (divider === undefined) return 'a SEARCH without "======="';
  if (other === undefined) return divider;
  return 'more than one "=======" between SEARCH and REPLACE; where the text itself has such a line, make all three marks 9 characters long';
}

function lineFrom(lines: readonly string[], from: number, pattern: RegExp): number | undefined {
  for (let at = from; at < lines.length; at++) {
    if (pattern.test(lines[at] ?? '')) return at;
  }
  return undefined;
}

/** Replaces one passage: exactly, else but for trailing spaces, else with the indentation moved. Never a guess. */
export function applyReplacement(text: string, { search, replace }: Replacement): Replaced {
  if (search.every(isBlank)) return fillEmpty(text, replace);
  const source = text.split('\n');
  for (const find of [sameLines, sameButTrailingSpace, sameButIndentation]) {
    const places = find(source, search);
    if (places.length > 1) return { kind: 'ambiguous', detail: describeAmbiguity(places) };
    const [place] = places;
    if (place !== undefined)
      return { kind: 'replaced', text: splice(source, place, { search, replace }) };
  }
  return { kind: 'missed', detail: nearestLines(source, search) };
}

interface Place {
  at: number;
  /** Put before each line of the replacement. */
  indent: string;
  /** Characters taken from each line of the replacement. */
  outdent: number;
}

function fillEmpty(text: string, replace: readonly string[]): Replaced {
  if (isBlank(text)) return { kind: 'replaced', text: `${replace.join('\n')}\n` };
  return { kind: 'ambiguous', detail: 'an empty SEARCH on a file that has content' };
}

function sameLines(source: readonly string[], search: readonly string[]): Place[] {
  return places(source, search, (line, wanted) => line === wanted);
}

function sameButTrailingSpace(source: readonly string[], search: readonly string[]): Place[] {
  return places(source, search, (line, wanted) => line.trimEnd() === wanted.trimEnd());
}

function sameButIndentation(source: readonly string[], search: readonly string[]): Place[] {
  const first = search.findIndex((line) => !isBlank(line));
  return places(source, search, (line, wanted) => line.trim() === wanted.trim()).flatMap(
    (place) => {
      const found = indentOf(source[place.at + first] ?? '');
      const shift = found.length - indentOf(search[first] ?? '').length;
      const uniform = search.every(
        (line, row) =>
          isBlank(line) ||
          indentOf(source[place.at + row] ?? '').length - indentOf(line).length === shift,
      );
      if (!uniform) return [];
      return [
        {
          at: place.at,
          indent: shift > 0 ? found.slice(0, shift) : '',
          outdent: Math.max(0, -shift),
        },
      ];
    },
  );
}

function places(
  source: readonly string[],
  search: readonly string[],
  same: (line: string, wanted: string) => boolean,
): Place[] {
  const found: Place[] = [];
  for (let at = 0; at + search.length <= source.length; at++) {
    if (search.every((wanted, row) => same(source[at + row] ?? '', wanted))) {
      found.push({ at, indent: '', outdent: 0 });
    }
  }
  return found;
}

function splice(source: readonly string[], place: Place, { search, replace }: Replacement): string {
  const moved = replace.map((line) => {
    if (isBlank(line)) return line;
    const removable = Math.min(place.outdent, indentOf(line).length);
    return place.indent + line.slice(removable);
  });
  return [...source.slice(0, place.at), ...moved, ...source.slice(place.at + search.length)].join(
    '\n',
  );
}

function describeAmbiguity(found: readonly Place[]): string {
  return `the passage is there ${found.length} times, at lines ${found.map((place) => place.at + 1).join(', ')}`;
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
