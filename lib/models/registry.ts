import * as z from 'zod';
import { ModelCard } from './card.ts';

const CardFile = z.union([
  z.array(z.unknown()),
  z.object({ cards: z.array(z.unknown()) }).transform(({ cards }) => cards),
]);

/**
 * The cards in a file: a list, or an object with `cards`. Throws an `Error` that names the file, and every bad card by
 * its position (from 1), id and field.
 */
export function parseCards(json: unknown, source: string): ModelCard[] {
  const file = CardFile.safeParse(json);
  if (!file.success) {
    throw new Error(`${source} holds no model cards: a list, or {"cards": [...]}, was expected`);
  }
  const flaws: string[] = [];
  const cards = file.data.flatMap((entry, index) => {
    const card = ModelCard.safeParse(entry);
    if (card.success) return [card.data];
    flaws.push(...card.error.issues.map((issue) => `${nameOf(entry, index)} ${describe(issue)}`));
    return [];
  });
  flaws.push(...duplicates(cards));
  if (flaws.length > 0) throw new Error(`${source}: ${flaws.join('; ')}`);
  return cards;
}

/** The user's own cards beside the built-in ones; the same id replaces. */
export function mergeCards(builtIn: readonly ModelCard[], own: readonly ModelCard[]): ModelCard[] {
  return [...new Map([...builtIn, ...own].map((card) => [card.id, card])).values()];
}

function nameOf(entry: unknown, index: number): string {
  const named = z.object({ id: z.string().min(1).max(128) }).safeParse(entry);
  return `card ${index + 1}${named.success ? ` (${named.data.id})` : ''}`;
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

function duplicates(cards: readonly ModelCard[]): string[] {
  const ids = cards.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  return [...new Set(twice)].map((id) => `two cards have the id ${id}`);
}
