import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { memoryNeededMiB } from '../../../lib/models/fit.ts';
import { parseCards } from '../../../lib/models/registry.ts';

const file = new URL('../../../layers/models/cards.json', import.meta.url);
const CARDS = new Map(
  parseCards(readFileSync(file, 'utf8'), 'cards.json').map((card) => [card.id, card]),
);

/** GiB at 8k and at 32k as the design gives them: the dense ones and qwen3-coder-30b-a3b from llama.cpp's simulation. */
const TABLE: [string, number, number][] = [
  ['qwen2.5-coder-1.5b', 2.4, 3.1],
  ['qwen2.5-coder-7b', 6.1, 7.4],
  ['seed-coder-8b', 7.0, 10.0],
  ['qwen3.5-9b', 7.1, 7.8],
  ['qwen2.5-coder-14b', 11.2, 15.7],
  ['gpt-oss-20b', 12.9, 13.4],
  ['devstral-small-2', 15.9, 19.6],
  ['qwen3.8-27b', 18.0, 19.5],
  ['qwen3-coder-30b-a3b', 19.3, 21.6],
  ['glm-4.7-flash', 19.4, 20.7],
  ['qwen2.5-coder-32b', 21.8, 27.8],
  ['qwen3.6-35b-a3b', 21.5, 22.0],
  ['qwen3-coder-next', 46.7, 47.3],
  ['gpt-oss-120b', 60.8, 61.6],
];

/** The table is rounded to a tenth, and the sizes of the files to 0.01 GB. */
const TOLERANCE_GIB = 0.06;

describe('the memory table', () => {
  test('has every card that ships', () => {
    expect(TABLE.map(([id]) => id).toSorted()).toEqual([...CARDS.keys()].toSorted());
  });

  test.each(TABLE)('%s needs %d GiB at 8k and %d GiB at 32k', (id, at8k, at32k) => {
    const gib = (context: number) =>
      (memoryNeededMiB(CARDS.get(id) ?? {}, context) ?? Number.NaN) / 1_024;
    expect(Math.abs(gib(8_192) - at8k)).toBeLessThanOrEqual(TOLERANCE_GIB);
    expect(Math.abs(gib(32_768) - at32k)).toBeLessThanOrEqual(TOLERANCE_GIB);
  });
});
