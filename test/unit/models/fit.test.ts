import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryNeededMiB } from '../../../lib/models/fit.ts';
import { unservedCard } from '../../support/modelCard.ts';

describe('the memory that a model needs', () => {
  // Weights 4,463.2 MiB, cache 28 x 2 x 4 x 128 x 2 x 8,192 = 448 MiB, compute 325 MiB, margin 1,024 MiB.
  test('qwen2.5-coder-7b at 8k', () => {
    expect(memoryNeededMiB(unservedCard(), 8_192)).toBe(6_261);
  });

  test('at 32k only the cache has grown, fourfold', () => {
    expect(memoryNeededMiB(unservedCard(), 32_768)).toBe(6_261 + 3 * 448);
  });

  test('each parallel answer has a cache of its own', () => {
    expect(memoryNeededMiB(unservedCard(), 8_192, 3)).toBe(6_261 + 2 * 448);
  });

  test('a card without dimensions or size does not tell', () => {
    const { dimensions: _, ...withoutDimensions } = unservedCard();
    const { file_bytes: __, ...withoutSize } = unservedCard();
    expect(memoryNeededMiB(withoutDimensions, 8_192)).toBeUndefined();
    expect(memoryNeededMiB(withoutSize, 8_192)).toBeUndefined();
  });

  test('it is whole, more than the weights, and never less for more context, slots or weights', async () => {
    const size = fc.integer({ min: 1, max: 200_000_000_000 });
    const count = fc.integer({ min: 1, max: 262_144 });
    const slots = fc.integer({ min: 1, max: 64 });
    await fc.assert(
      fc.property(size, count, slots, count, (file_bytes, context, parallel, more) => {
        const needed = (
          card = unservedCard({ file_bytes }),
          tokens = context,
          answers = parallel,
        ) => memoryNeededMiB(card, tokens, answers) ?? Number.NaN;
        expect(Number.isInteger(needed())).toBe(true);
        expect(needed() * 1_048_576).toBeGreaterThan(file_bytes + 1_073_741_824);
        expect(needed(undefined, context + more)).toBeGreaterThanOrEqual(needed());
        expect(needed(undefined, context, parallel + 1)).toBeGreaterThanOrEqual(needed());
        expect(needed(unservedCard({ file_bytes: file_bytes + more }))).toBeGreaterThanOrEqual(
          needed(),
        );
      }),
    );
  });
});
