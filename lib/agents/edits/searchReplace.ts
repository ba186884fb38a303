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

const SEARCH = /^\s*<{5,9}\s*SEARCH\b/;
const DIVIDER = /^\s*={5,9}\s*$/;
const REPLACE = /^\s*>{5,9}\s*REPLACE\b/;

/** The SEARCH/REPLACE pairs in a block; prose between them is ignored. */
export function findReplacements(lines: readonly string[]): Replacements {
  const replacements: Replacement[] = [];
  let at = lineFrom(lines, 0, SEARCH);
  while (at !== undefined) {
    const divider = lineFrom(lines, at + 1, DIVIDER);
    const end = divider === undefined ? undefined : lineFrom(lines, divider + 1, REPLACE);
    if (divider === undefined || end === undefined) {
      return { kind: 'malformed', detail: 'a SEARCH without "=======" or ">>>>>>> REPLACE"' };
    }
    const search = lines.slice(at + 1, divider);
    replacements.push({ search, replace: lines.slice(divider + 1, end) });
    at = lineFrom(lines, end + 1, SEARCH);
  }
  return replacements.length === 0 ? { kind: 'none' } : { kind: 'some', replacements };
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
  return { kind: 'missed', detail: nearest(source, search) };
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

/** The lines of the file that are most like what was searched for: what the model should have copied. */
function nearest(source: readonly string[], search: readonly string[]): string {
  const trimmed = source.map((line) => line.trim());
  const wanted = search.map((line) => line.trim());
  let best = 0;
  let at = 0;
  for (let start = 0; start < trimmed.length; start++) {
    const alike = wanted.filter((line, row) => line !== '' && line === trimmed[start + row]).length;
    if (alike > best) [best, at] = [alike, start];
  }
  if (best === 0) return 'nothing similar in the file';
  const end = Math.min(source.length, at + search.length);
  return `closest lines ${at + 1}-${end}:\n${source.slice(at, end).join('\n')}`;
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
