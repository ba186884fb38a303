import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mergeCards, parseCards } from '../../../lib/models/registry.ts';
import { modelCard } from '../../support/modelCard.ts';

describe('a file of model cards', () => {
  test('may be a list or an object with cards', () => {
    const card = modelCard();
    expect(parseCards([card], 'x.json')).toEqual([card]);
    expect(parseCards({ about: ['note'], cards: [card] }, 'x.json')).toEqual([card]);
  });

  test('whole files are asked for unless the card says otherwise', () => {
    const { edit_format: _, ...card } = modelCard();
    expect(parseCards([card], 'x.json')[0]?.edit_format).toBe('whole');
  });

  test.each([[null], ['text'], [{ models: [] }]])('%j is none', (json) => {
    expect(() => parseCards(json, 'x.json')).toThrow(
      'x.json holds no model cards: a list, or {"cards": [...]}, was expected',
    );
  });

  test('every bad card is named by position, id and field', () => {
    const bad = [modelCard(), { ...modelCard({ id: 'b' }), preference: 'high', colour: 'red' }, 7];
    expect(() => parseCards(bad, 'mine.yaml')).toThrow(
      /^mine\.yaml: card 2 \(b\) preference: .*; card 2 \(b\) Unrecognized key: "colour"; card 3 .*expected object/,
    );
  });

  test('an id stands once', () => {
    expect(() => parseCards([modelCard(), modelCard()], 'x.json')).toThrow(
      'x.json: two cards have the id coder-7b',
    );
  });

  test('the own card replaces the built-in one of the same id', () => {
    const own = modelCard({ preference: 99 });
    const other = modelCard({ id: 'other' });
    expect(mergeCards([modelCard(), other], [own])).toEqual([own, other]);
  });
});

test('the cards that ship are good, and all free to use', () => {
  const file = new URL('../../../layers/models/cards.json', import.meta.url);
  const cards = parseCards(JSON.parse(readFileSync(file, 'utf8')), 'cards.json');
  expect(cards.map(({ id }) => id)).toContain('qwen2.5-coder-7b');
  expect(cards.every(({ llm, server }) => llm && server === undefined)).toBe(true);
  expect(new Set(cards.map(({ licence }) => licence))).toEqual(new Set(['Apache-2.0', 'MIT']));
  expect(new Set(cards.map(({ preference }) => preference)).size).toBe(cards.length);
});
