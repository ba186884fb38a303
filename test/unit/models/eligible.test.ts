import { describe, expect, test } from 'vitest';
import type { GpuReading } from '../../../lib/gpu/gpu.ts';
import type { ModelCard } from '../../../lib/models/card.ts';
import {
  type Demand,
  reasonsAgainst as judge,
  type ModelPolicy,
} from '../../../lib/models/eligible.ts';
import { readingOf } from '../../support/gpuFixture.ts';
import { modelCard, unservedCard } from '../../support/modelCard.ts';

const NO_GPU: GpuReading = { kind: 'none', why: 'nvidia-smi is not installed', ramFreeMiB: 4_096 };
const ANY: ModelPolicy = { licences: undefined, allowCloud: false };

function reasonsAgainst(card: ModelCard, demand: Demand, gpu: GpuReading): string[] {
  return judge(card, demand, { gpu, policy: ANY });
}

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

describe('what was measured', () => {
  const pace = { tokens: 8_192, latencyMs: 600_000 };
  const at = (tokensPerSecond: number | undefined, demand: Demand = { ...DEMAND, pace }) =>
    judge(modelCard(), demand, { gpu: NO_GPU, policy: ANY, tokensPerSecond });

  test('refuses a model that cannot write max_tokens within latency_ms, and says what it can', () => {
    expect(at(10)).toEqual([
      'it writes 10.0 tokens a second here: 8192 tokens would take 820 s and latency_ms allows 600 s (6000 tokens)',
    ]);
  });

  test('lets one pass that is just fast enough, that was never measured, or where nobody is in a hurry', () => {
    expect(at(8_192 / 600)).toEqual([]);
    expect(at(undefined)).toEqual([]);
    expect(at(0.1, DEMAND)).toEqual([]);
  });

  test('does not concern the scaffold', () => {
    const scaffold = modelCard({ provider: 'scaffold', llm: false });
    const site = { gpu: NO_GPU, policy: ANY, tokensPerSecond: 0.01 };
    expect(judge(scaffold, { ...DEMAND, pace }, site)).toEqual([]);
  });
});

describe('what the operator allows', () => {
  const by = (card: ModelCard, policy: Partial<ModelPolicy>) =>
    judge(card, DEMAND, { gpu: NO_GPU, policy: { ...ANY, ...policy } });

  test('a licence has to be on the list, where there is one; capitals do not matter', () => {
    const licences = ['MIT', 'apache-2.0'];
    expect(by(modelCard(), { licences })).toEqual([]);
    expect(by(modelCard({ licence: 'unknown' }), { licences })).toEqual([
      'its licence, unknown, is not among LICENCES_ALLOWED (MIT, apache-2.0)',
    ]);
    expect(by(modelCard({ licence: 'unknown' }), {})).toEqual([]);
    expect(by(modelCard({ provider: 'replay', llm: false, licence: 'x' }), { licences })).toEqual(
      [],
    );
  });

  test('a model elsewhere has to be allowed to see the code', () => {
    const card = modelCard({ provider: 'anthropic' });
    expect(by(card, {})).toEqual([
      'code would leave this machine, which ALLOW_CLOUD=1 would have to permit',
    ]);
    expect(by(card, { allowCloud: true })).toEqual([]);
  });
});

test('a card that names frameworks has to name those of the task', () => {
  const card = modelCard({ frameworks: ['spring', 'junit'] });
  const asking = (...frameworks: string[]) =>
    reasonsAgainst(card, { ...DEMAND, frameworks }, NO_GPU);
  expect(asking('Spring')).toEqual([]);
  expect(asking('spring', 'quarkus', 'jooq')).toEqual(['its card does not name quarkus, jooq']);
  expect(reasonsAgainst(modelCard(), { ...DEMAND, frameworks: ['x'] }, NO_GPU)).toEqual([]);
});

describe('on recorded machines', () => {
  const NEEDS_12_GIB = unservedCard({ file_bytes: 10_900_000_000 });

  test.each([
    [
      'rtx-3060-ti-8gb.csv',
      'it needs 11.9 GiB at 8192 tokens of context and GPU 0 (NVIDIA GeForce RTX 3060 Ti) has 7.2 GiB free',
    ],
    [
      'two-gpus.csv',
      'it needs 11.9 GiB at 8192 tokens of context and GPU 1 (NVIDIA GeForce RTX 3060) has 11.6 GiB free',
    ],
    ['broken.csv', 'it needs 11.9 GiB and the GPU does not tell what is free'],
  ])('%s is too small', (file, reason) => {
    expect(reasonsAgainst(NEEDS_12_GIB, DEMAND, readingOf(file))[1]).toBe(reason);
  });

  test.each(['rtx-4090-24gb.csv', 'gb10-unified.csv'])('%s has the room', (file) => {
    expect(reasonsAgainst(NEEDS_12_GIB, DEMAND, readingOf(file))).toHaveLength(1);
  });
});
