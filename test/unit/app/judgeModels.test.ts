import { expect, test } from 'vitest';
import { judgeModels } from '../../../lib/app/listModels.ts';
import { systemClock } from '../../../lib/kernel/clock.ts';
import { ModelCard } from '../../../lib/models/card.ts';
import type { WorkerRecord } from '../../../lib/presence/presence.ts';

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
