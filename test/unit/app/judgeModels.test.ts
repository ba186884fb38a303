import { describe, expect, test } from 'vitest';
import { judgeModels as judge } from '../../../lib/app/listModels.ts';
import type { GpuReading } from '../../../lib/gpu/gpu.ts';
import { systemClock } from '../../../lib/kernel/clock.ts';
import { readCards } from '../../../lib/llm/readModelFiles.ts';
import { ModelCard } from '../../../lib/models/card.ts';
import type { WorkerRecord } from '../../../lib/presence/presence.ts';
import { readingOf } from '../../support/gpuFixture.ts';

const SCAFFOLD = ModelCard.parse({
  id: 'scaffold',
  provider: 'scaffold',
  family: 'scaffold',
  context_tokens: 8_192,
  licence: 'MIT',
  preference: 0,
  llm: false,
});

const CODER = ModelCard.parse({
  id: 'coder-7b',
  provider: 'openai-compatible',
  server: 'local',
  family: 'coder',
  context_tokens: 32_768,
  languages: ['python'],
  licence: 'Apache-2.0',
  preference: 70,
  llm: true,
});

function worker(workerId: string, models: ModelCard[]): WorkerRecord {
  return {
    workerId,
    host: 'here',
    pid: 1,
    startedAt: systemClock.now(),
    concurrency: 2,
    running: 0,
    gpu: { kind: 'none', why: 'no driver', ramFreeMiB: 8_192 },
    models,
    sandbox: { tier: 'bubblewrap', detail: 'all claims held' },
    toolchains: {},
  };
}

const ANY = { licences: undefined, allowCloud: false };
type Asked = Parameters<typeof judge>[1];

function judgeModels(workers: WorkerRecord[], asked: Asked, known: ModelCard[] = []) {
  return judge(workers, asked, { known, policy: ANY });
}

test('a model is listed once, with every worker that has it, best first', () => {
  const models = judgeModels([worker('a', [SCAFFOLD, CODER]), worker('b', [CODER])], {});
  expect(models.map(({ id, workers }) => [id, workers])).toEqual([
    ['coder-7b', ['a', 'b']],
    ['scaffold', ['a']],
  ]);
  expect(models.every(({ eligible, reasons }) => eligible && reasons.length === 0)).toBe(true);
});

test('an ineligible model tells why', () => {
  const models = judgeModels([worker('a', [CODER])], { language: 'java', context: 40_000 });
  expect(models).toMatchObject([
    {
      eligible: false,
      reasons: [
        'it does not write java',
        'the task needs 40000 tokens of context and it has 32768',
      ],
    },
  ]);
});

test('without a live worker there is no model', () => {
  expect(judgeModels([], {})).toEqual([]);
});

test('the fastest worker tells the speed, and it is held against the time that there is', () => {
  const workers = [
    { ...worker('a', [CODER]), speeds: { 'coder-7b': 12.34 } },
    { ...worker('b', [CODER]), speeds: { 'coder-7b': 30.06 } },
  ];
  const hurry = (latency_ms: number) => judgeModels(workers, { max_tokens: 3_000, latency_ms });
  expect(hurry(100_000)).toMatchObject([{ eligible: true, tokens_per_second: 30.1 }]);
  expect(hurry(90_000)).toMatchObject([{ eligible: false, reasons: { length: 2 } }]);
});

describe('a model that is known and not served', () => {
  const CARDS = readCards(undefined);
  const on = (gpu: GpuReading, models = [SCAFFOLD]) =>
    judgeModels([{ ...worker('a', models), gpu }], {}, CARDS);
  const fitting = (gpu: GpuReading) =>
    on(gpu).flatMap(({ id, served, fits }) => (!served && fits === true ? [id] : []));

  test('is listed behind the served ones, with its need, and the command that gets it', () => {
    const models = on(readingOf('rtx-4090-24gb.csv'));
    expect(models[0]).toMatchObject({ id: 'scaffold', served: true, eligible: true, get: null });
    expect(models).toHaveLength(1 + CARDS.length);
    expect(models.find(({ id }) => id === 'qwen2.5-coder-7b')).toMatchObject({
      served: false,
      fits: true,
      eligible: false,
      memory_needed_mib: 6_261,
      reasons: ['no model server that was found serves it'],
      workers: [],
      get: 'npx agentctl models pull qwen2.5-coder-7b',
    });
  });

  test.each([
    [
      'rtx-3060-ti-8gb.csv',
      ['qwen3.5-9b', 'seed-coder-8b', 'qwen2.5-coder-7b', 'qwen2.5-coder-1.5b'],
    ],
    [
      'two-gpus.csv',
      [
        ...['qwen2.5-coder-14b', 'qwen3.5-9b', 'seed-coder-8b'],
        ...['qwen2.5-coder-7b', 'qwen2.5-coder-1.5b'],
      ],
    ],
  ])('%s has room for %j', (file, ids) => {
    expect(fitting(readingOf(file))).toEqual(ids);
  });

  test('24 GB have room for all but the two largest', () => {
    const all = CARDS.map(({ id }) => id);
    const large = all.filter((id) => !fitting(readingOf('rtx-4090-24gb.csv')).includes(id));
    expect(large).toEqual(['gpt-oss-120b', 'qwen3-coder-next']);
  });

  test('is measured at the context that is asked for', () => {
    const workers = [{ ...worker('a', []), gpu: readingOf('rtx-3060-ti-8gb.csv') }];
    const seed = (context: number) =>
      judgeModels(workers, { context }, CARDS).find(({ id }) => id === 'seed-coder-8b');
    expect(seed(8_192)).toMatchObject({ fits: true });
    expect(seed(32_768)).toMatchObject({ fits: false, reasons: { length: 2 } });
  });

  test('is not listed where it is served', () => {
    const served = { ...CODER, id: 'qwen2.5-coder-7b' };
    const listed = on(readingOf('rtx-4090-24gb.csv'), [served]);
    expect(listed.filter(({ id }) => id === 'qwen2.5-coder-7b')).toMatchObject([{ served: true }]);
  });

  test('is had from Ollama where there is one', () => {
    const ollama = { ...CODER, provider: 'ollama' as const };
    const get = on(readingOf('rtx-4090-24gb.csv'), [ollama]).find(
      ({ id }) => id === 'qwen2.5-coder-14b',
    )?.get;
    expect(get).toBe('ollama pull qwen2.5-coder:14b');
  });
});
