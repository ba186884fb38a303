import { describe, expect, test } from 'vitest';
import type { GpuReading } from '../../../lib/gpu/gpu.ts';
import { reasonsAgainst } from '../../../lib/models/eligible.ts';
import { modelCard, unservedCard } from '../../support/modelCard.ts';

const NO_GPU: GpuReading = { kind: 'none', why: 'nvidia-smi is not installed', ramFreeMiB: 4_096 };
const DEMAND = { language: 'python', promptTokens: 1_000, answerTokens: 2_000 } as const;

function gpus(...freeMiB: (number | null)[]): GpuReading {
  const all = freeMiB.map((free, index) => ({
    id: `GPU-${index}`,
    index,
    name: 'RTX',
    totalMiB: 24_564,
    freeMiB: free,
    memory: 'own' as const,
  }));
  return { kind: 'gpus', gpus: all, ramFreeMiB: 64_000 };
}

describe('a served model', () => {
  test('needs no free memory: its server has room for it', () => {
    expect(reasonsAgainst(modelCard(), DEMAND, gpus(1))).toEqual([]);
  });

  test('must write the language', () => {
    const card = modelCard({ languages: ['java', 'go'] });
    expect(reasonsAgainst(card, DEMAND, NO_GPU)).toEqual(['it does not write python']);
    expect(reasonsAgainst(card, { ...DEMAND, language: undefined }, NO_GPU)).toEqual([]);
  });

  test('must have room for prompt and answer', () => {
    expect(reasonsAgainst(modelCard({ context_tokens: 3_000 }), DEMAND, NO_GPU)).toEqual([]);
    expect(reasonsAgainst(modelCard({ context_tokens: 2_999 }), DEMAND, NO_GPU)).toEqual([
      'the task needs 3000 tokens of context and it has 2999',
    ]);
  });

  test('is refused with every reason there is', () => {
    const card = modelCard({ languages: ['go'], context_tokens: 10 });
    expect(reasonsAgainst(card, DEMAND, NO_GPU)).toHaveLength(2);
  });
});

describe('a model that nobody serves', () => {
  const NOT_SERVED = 'no model server that was found serves it';

  test('is refused for that alone where it would fit', () => {
    expect(reasonsAgainst(unservedCard(), DEMAND, gpus(6_261))).toEqual([NOT_SERVED]);
  });

  test('is refused for memory too, by the GPU that has the most free', () => {
    expect(reasonsAgainst(unservedCard(), DEMAND, gpus(2_048, 6_260, null))).toEqual([
      NOT_SERVED,
      'it needs 6.1 GiB at 8192 tokens of context and GPU 1 (RTX) has 6.1 GiB free',
    ]);
  });

  test('two half-free GPUs do not make one', () => {
    expect(reasonsAgainst(unservedCard(), DEMAND, gpus(4_000, 4_000))).toHaveLength(2);
  });

  test('is measured against the memory of a machine without a GPU', () => {
    expect(reasonsAgainst(unservedCard(), DEMAND, NO_GPU)[1]).toBe(
      'it needs 6.1 GiB at 8192 tokens of context and this machine, which has no GPU, has 4.0 GiB free',
    );
  });

  test('is refused when the GPU does not tell', () => {
    expect(reasonsAgainst(unservedCard(), DEMAND, gpus(null))[1]).toBe(
      'it needs 6.1 GiB and the GPU does not tell what is free',
    );
  });

  test('is refused when its need is not known', () => {
    const { dimensions: _, ...card } = unservedCard();
    expect(reasonsAgainst(card, DEMAND, gpus(80_000))[1]).toBe('its memory need is not known');
  });
});

test('the scaffold takes whatever comes', () => {
  const { server: _, ...card } = modelCard({ provider: 'scaffold', llm: false, context_tokens: 1 });
  expect(reasonsAgainst(card, DEMAND, NO_GPU)).toEqual([]);
});
