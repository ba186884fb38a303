import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelDimensions } from '../../../lib/models/card.ts';
import { memoryNeed, memoryNeededMiB } from '../../../lib/models/fit.ts';
import { unservedCard } from '../../support/modelCard.ts';

const GIB = 1_073_741_824;

function cache(
  attention: ModelDimensions['attention'],
  contextTokens: number,
  more: { slots?: number; state_bytes?: number } = {},
): number {
  const { slots = 1, ...state } = more;
  const dimensions = { attention, vocabulary: 1, embedding: 1, ...state };
  return memoryNeed(GIB, dimensions, { contextTokens, slots }).cache;
}

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
});

describe('the cache', () => {
  test('of a sliding window stops growing in the layers that have one', () => {
    // gpt-oss-20b: 12 layers whole, 12 with a window of 128, of which a batch of 512 more is kept.
    const attention = {
      kind: 'sliding_window',
      layers: 12,
      window_layers: 12,
      window_tokens: 128,
      kv_heads: 8,
      head_dim: 64,
    } as const;
    expect(cache(attention, 8_192)).toBe(12 * 2_048 * 8_192 + 12 * 2_048 * 640);
    expect(cache(attention, 32_768)).toBe(12 * 2_048 * 32_768 + 12 * 2_048 * 640);
    expect(cache(attention, 100)).toBe(24 * 2_048 * 100);
  });

  test('of latent attention is one small vector a layer', () => {
    const attention = { kind: 'latent', layers: 47, rank: 512, rope: 64 } as const;
    expect(cache(attention, 8_192)).toBe(443_547_648);
  });

  test('has a state of its own in each slot where layers have no attention', () => {
    const attention = { kind: 'full', layers: 1, kv_heads: 1, head_dim: 1 } as const;
    expect(cache(attention, 10)).toBe(40);
    expect(cache(attention, 10, { slots: 3, state_bytes: 1_000 })).toBe(3_120);
  });
});

const heads = {
  kv_heads: fc.integer({ min: 1, max: 64 }),
  head_dim: fc.integer({ min: 1, max: 512 }),
};
const layers = fc.integer({ min: 1, max: 200 });
const anyAttention: fc.Arbitrary<ModelDimensions['attention']> = fc.oneof(
  fc.record({ kind: fc.constant('full' as const), layers, ...heads }),
  fc.record({
    kind: fc.constant('sliding_window' as const),
    layers: fc.integer({ min: 0, max: 200 }),
    window_layers: layers,
    window_tokens: fc.integer({ min: 1, max: 65_536 }),
    ...heads,
  }),
  fc.record({
    kind: fc.constant('latent' as const),
    layers,
    rank: fc.integer({ min: 1, max: 4_096 }),
    rope: fc.integer({ min: 1, max: 512 }),
  }),
);
const anyCard = fc.record({
  file_bytes: fc.integer({ min: 1, max: 200_000_000_000 }),
  dimensions: fc.record({
    attention: anyAttention,
    state_bytes: fc.integer({ min: 1, max: 1_000_000_000 }),
    vocabulary: fc.integer({ min: 1, max: 300_000 }),
    embedding: fc.integer({ min: 1, max: 16_384 }),
  }),
});

describe('whatever the model is, what it needs', () => {
  const count = fc.integer({ min: 1, max: 262_144 });
  const slots = fc.integer({ min: 1, max: 64 });

  test('is whole, and more than its weights and the margin', async () => {
    await fc.assert(
      fc.property(anyCard, count, slots, (card, context, parallel) => {
        const needed = memoryNeededMiB(card, context, parallel) ?? Number.NaN;
        expect(Number.isSafeInteger(needed)).toBe(true);
        expect(needed * 1_048_576).toBeGreaterThan(card.file_bytes + GIB);
      }),
    );
  });

  test('is never less for more context, more slots or more weights', async () => {
    await fc.assert(
      fc.property(anyCard, count, slots, count, (card, context, parallel, more) => {
        const needed = memoryNeededMiB(card, context, parallel) ?? Number.NaN;
        const heavier = { ...card, file_bytes: card.file_bytes + more };
        expect(memoryNeededMiB(card, context + more, parallel)).toBeGreaterThanOrEqual(needed);
        expect(memoryNeededMiB(card, context, parallel + 1)).toBeGreaterThanOrEqual(needed);
        expect(memoryNeededMiB(heavier, context, parallel)).toBeGreaterThanOrEqual(needed);
      }),
    );
  });

  test('grows by the same amount with every slot', async () => {
    await fc.assert(
      fc.property(anyCard, count, slots, ({ dimensions }, contextTokens, parallel) => {
        const of = (n: number) => memoryNeed(1, dimensions, { contextTokens, slots: n }).cache;
        expect(of(parallel)).toBe(of(1) * parallel);
      }),
    );
  });

  test('is not more with a window than without one', async () => {
    await fc.assert(
      fc.property(
        fc.record({ whole: layers, windowed: layers, window: count, ...heads }),
        count,
        ({ whole, windowed, window, kv_heads, head_dim }, context) => {
          const sliding = {
            kind: 'sliding_window',
            layers: whole,
            window_layers: windowed,
            window_tokens: window,
            kv_heads,
            head_dim,
          } as const;
          const full = { kind: 'full', layers: whole + windowed, kv_heads, head_dim } as const;
          expect(cache(sliding, context)).toBeLessThanOrEqual(cache(full, context));
        },
      ),
    );
  });
});
