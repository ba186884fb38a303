import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mergeCards, parseCards } from '../../../lib/models/registry.ts';
import { modelCard, unservedCard } from '../../support/modelCard.ts';

const read = (cards: unknown, source = 'x.json') =>
  parseCards(JSON.stringify(cards, null, 2), source);

describe('a file of model cards', () => {
  test('may be a list or an object with cards', () => {
    const card = modelCard();
    expect(read([card])).toEqual([card]);
    expect(read({ about: ['note'], cards: [card] })).toEqual([card]);
  });

  test('whole files are asked for unless the card says otherwise', () => {
    const { edit_format: _, ...card } = modelCard();
    expect(read([card])[0]?.edit_format).toBe('whole');
  });

  test.each([[null], ['text'], [{ models: [] }]])('%j is none', (json) => {
    expect(() => read(json)).toThrow(
      'x.json holds no model cards: a list, or {"cards": [...]}, was expected',
    );
  });

  test('tells a model of every kind: dense, sliding window, latent, mixture of experts', () => {
    const attentions = [
      { kind: 'full', layers: 2, kv_heads: 1, head_dim: 8 },
      {
        ...{ kind: 'sliding_window', layers: 0, window_layers: 2, window_tokens: 128 },
        ...{ kv_heads: 1, head_dim: 8 },
      },
      { kind: 'latent', layers: 2, rank: 8, rope: 2 },
    ];
    const cards = attentions.map((attention, at) => ({
      ...unservedCard({
        id: `m${at}`,
        sha256: 'a'.repeat(64),
        source: 'https://example.org/m.gguf',
      }),
      dimensions: { attention, experts: { total: 8, used: 2 }, vocabulary: 10, embedding: 16 },
    }));
    expect(read(cards)).toEqual(cards);
  });
});

describe('a bad card of the user', () => {
  test('is named by line, position, id and field in YAML', () => {
    const text = `
- id: good
  provider: openai-compatible
  family: mine
  context_tokens: 8192
  licence: MIT
  preference: 1
  llm: true
- id: bad
  provider: openai-compatible
  family: mine
  context_tokens: -8192
  file_bytes: -5
  colour: red
  licence: MIT
  preference: 1
  llm: true
  dimensions:
    attention: { kind: full, layers: 2, kv_heads: 0, head_dim: 8 }
    vocabulary: 10
    embedding: 16
`;
    expect(told(text, 'mine.yaml')).toEqual([
      'mine.yaml:12: card 2 (bad) context_tokens: Too small: expected number to be >0',
      'mine.yaml:13: card 2 (bad) file_bytes: Too small: expected number to be >0',
      'mine.yaml:14: card 2 (bad) colour: no such field is known',
      'mine.yaml:19: card 2 (bad) dimensions.attention.kv_heads: Too small: expected number to be >0',
    ]);
  });

  test('is named by line in JSON', () => {
    const cards = { cards: [modelCard(), { ...modelCard({ id: 'b' }), file_bytes: -1 }] };
    expect(told(JSON.stringify(cards, null, 2), 'mine.json')).toEqual([
      'mine.json:24: card 2 (b) file_bytes: Too small: expected number to be >0',
    ]);
  });

  test('that lacks a field, or is no card at all, is named by its own line', () => {
    expect(told('cards:\n- id: b\n  llm: true\n- 7\n', 'x.yml')).toEqual([
      expect.stringMatching(/^x\.yml:2: card 1 \(b\) provider: /),
      expect.stringMatching(/^x\.yml:2: card 1 \(b\) family: /),
      expect.stringMatching(/^x\.yml:2: card 1 \(b\) context_tokens: /),
      expect.stringMatching(/^x\.yml:2: card 1 \(b\) licence: /),
      expect.stringMatching(/^x\.yml:2: card 1 \(b\) preference: /),
      expect.stringMatching(/^x\.yml:4: card 2: .*expected object/),
    ]);
  });

  test('in a file that is no YAML and no JSON is named by the line of the first error', () => {
    expect(told('cards:\n  - id: "x\n', 'x.yml')[0]).toMatch(/^x\.yml:[23]: /);
    expect(told('[{"id": "x",\n "llm": }]', 'x.json')[0]).toMatch(/^x\.json:[12]: /);
  });

  test('with an id that stands before is named by its second place', () => {
    expect(told(JSON.stringify([modelCard(), modelCard()], null, 1), 'x.json')).toEqual([
      'x.json:14: two cards have the id coder-7b',
    ]);
  });

  test.each([
    ['sha256', 'ABC', /64 hex digits/],
    ['source', 'ftp://example.org/x', /Invalid URL/],
    ['languages', ['cobol'], /Invalid option/],
    ['licence', '', /Too small/],
  ])('%s may not be %j', (field, value, why) => {
    const [line] = told(JSON.stringify([{ ...unservedCard(), [field]: value }]), 'x.json');
    expect(line).toContain(`card 1 (coder-7b) ${field}`);
    expect(line).toMatch(why);
  });
});

function told(text: string, source: string): string[] {
  try {
    parseCards(text, source);
  } catch (error) {
    return error instanceof Error ? error.message.split('\n') : [];
  }
  return [];
}

test('the own card replaces the built-in one of the same id', () => {
  const own = modelCard({ preference: 99 });
  const other = modelCard({ id: 'other' });
  expect(mergeCards([modelCard(), other], [own])).toEqual([own, other]);
});

test('the cards that ship are good, complete, and all free to use', () => {
  const file = new URL('../../../layers/models/cards.json', import.meta.url);
  const cards = parseCards(readFileSync(file, 'utf8'), 'cards.json');
  expect(cards.map(({ id }) => id)).toContain('qwen2.5-coder-7b');
  expect(cards.every(({ llm, server }) => llm && server === undefined)).toBe(true);
  expect(cards.every(({ dimensions, file_bytes }) => dimensions && file_bytes)).toBe(true);
  expect(new Set(cards.map(({ licence }) => licence))).toEqual(new Set(['Apache-2.0', 'MIT']));
  expect(new Set(cards.map(({ preference }) => preference)).size).toBe(cards.length);
});
