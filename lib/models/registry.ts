import { isCollection, isNode, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { ModelCard } from './card.ts';

const CardFile = z.union([
  z.array(z.unknown()),
  z.object({ cards: z.array(z.unknown()) }).transform(({ cards }) => cards),
]);

type Path = readonly PropertyKey[];

interface Flaw {
  path: Path;
  text: string;
}

/**
 * The cards in a text, JSON or YAML: a list, or an object with `cards`. Throws an `Error` that names every flaw by the
 * file's name and line, and the card by its position (from 1), its id and the field.
 */
export function parseCards(text: string, source: string): ModelCard[] {
  const lines = new LineCounter();
  // JSON is YAML too, and only this parser tells where a value stands.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new Error(`${source}:${lines.linePos(broken.pos[0]).line}: ${broken.message}`);
  }
  const json: unknown = document.toJS();
  const file = CardFile.safeParse(json);
  if (!file.success) {
    throw new Error(`${source} holds no model cards: a list, or {"cards": [...]}, was expected`);
  }
  const { cards, flaws } = readCards(file.data);
  if (flaws.length === 0) return cards;
  const root = Array.isArray(json) ? [] : ['cards'];
  const found = flaws
    .map(({ path, text: what }) => {
      const { line } = lines.linePos(startOf(document, [...root, ...path]));
      return { line, what };
    })
    .toSorted((a, b) => a.line - b.line);
  throw new Error(found.map(({ line, what }) => `${source}:${line}: ${what}`).join('\n'));
}

/** The user's own cards beside the built-in ones; the same id replaces. */
export function mergeCards(builtIn: readonly ModelCard[], own: readonly ModelCard[]): ModelCard[] {
  return [...new Map([...builtIn, ...own].map((card) => [card.id, card])).values()];
}

function readCards(entries: readonly unknown[]): { cards: ModelCard[]; flaws: Flaw[] } {
  const flaws: Flaw[] = [];
  const seen = new Set<string>();
  const cards = entries.flatMap((entry, index) => {
    const card = ModelCard.safeParse(entry);
    if (!card.success) {
      flaws.push(...card.error.issues.flatMap((issue) => flawsOf(issue, entry, index)));
      return [];
    }
    const { id } = card.data;
    if (seen.has(id)) flaws.push({ path: [index, 'id'], text: `two cards have the id ${id}` });
    seen.add(id);
    return [card.data];
  });
  return { cards, flaws };
}

/** A field that is not known stands where it is written, not where it is missing. */
function flawsOf(issue: z.core.$ZodIssue, entry: unknown, index: number): Flaw[] {
  const card = nameOf(entry, index);
  const describe = (path: Path, message: string) => {
    const field = path.length === 0 ? '' : ` ${path.join('.')}`;
    return { path: [index, ...path], text: `${card}${field}: ${message}` };
  };
  if (issue.code !== 'unrecognized_keys') return [describe(issue.path, issue.message)];
  return issue.keys.map((key) => describe([...issue.path, key], 'no such field is known'));
}

function nameOf(entry: unknown, index: number): string {
  const named = z.object({ id: z.string().min(1).max(128) }).safeParse(entry);
  return `card ${index + 1}${named.success ? ` (${named.data.id})` : ''}`;
}

/** Where the value at `path` starts, or, when it is missing, the innermost thing around it that is there. */
function startOf(document: ReturnType<typeof parseDocument>, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = nodeAt(document, path.slice(0, length));
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function nodeAt(document: ReturnType<typeof parseDocument>, path: Path): unknown {
  if (path.length === 0) return document.contents;
  return isCollection(document.contents) ? document.getIn(path, true) : undefined;
}
