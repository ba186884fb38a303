import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readCards } from '../../../lib/llm/readModelFiles.ts';
import { memoryNeed } from '../../../lib/models/fit.ts';

/** Recorded; the file tells from what. */
const Recording = z.object({
  rows: z.array(
    z.object({
      model: z.string(),
      weights_bytes: z.int(),
      context_tokens: z.int(),
      slots: z.int(),
      context_bytes: z.int(),
    }),
  ),
});

const file = new URL('../../fixtures/models/llamaSimulation.json', import.meta.url);
const { rows } = Recording.parse(JSON.parse(readFileSync(file, 'utf8')));
const CARDS = new Map(readCards(undefined).map((card) => [card.id, card]));
const GIB = 1_073_741_824;
const TOLERANCE_GIB = 0.03;

describe('the memory arithmetic beside the simulation of llama.cpp', () => {
  test('covers every card that says so', () => {
    const simulated = [...CARDS.values()].filter(
      ({ dimensions }) => dimensions?.known_from === 'simulated',
    );
    const ids = simulated.map(({ id }) => id).toSorted();
    expect([...new Set(rows.map(({ model }) => model))].toSorted()).toEqual(ids);
  });

  test.each(rows)('$model at $context_tokens tokens in $slots slots', (row) => {
    const { dimensions, file_bytes = 0 } = CARDS.get(row.model) ?? {};
    if (dimensions === undefined) throw new Error(`no dimensions of ${row.model}`);
    const use = { contextTokens: row.context_tokens, slots: row.slots };
    const { cache, compute } = memoryNeed(file_bytes, dimensions, use);
    // Our own estimate is the larger one: what is promised must fit.
    const aboveGib = (cache + compute - row.context_bytes) / GIB;
    expect(aboveGib).toBeGreaterThan(0);
    expect(aboveGib).toBeLessThan(TOLERANCE_GIB);
    expect(Math.abs(file_bytes - row.weights_bytes) / GIB).toBeLessThan(TOLERANCE_GIB);
  });
});
