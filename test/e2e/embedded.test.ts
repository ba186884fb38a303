import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { makeTinyGguf } from '../support/tinyGguf.ts';
import { requireRuntime } from '../support/tinyModel.ts';

/** The whole service with a model in a process of its own, whose weights are random: what it writes makes no sense. */
let house: House;
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'agent-embedded-'));
  mkdirSync(join(home, 'models'));
  writeFileSync(join(home, 'models/tiny.gguf'), makeTinyGguf({ contextTokens: 32_768 }));
  symlinkSync(join(import.meta.dirname, '../../.agent/tools'), join(home, 'tools'));
  house = await openHouse({ AGENT_HOME: home });
  house.startWorker();
});
beforeEach((ctx) => {
  requireRuntime(ctx);
});
afterAll(async () => {
  await house.close();
  rmSync(home, { recursive: true, force: true });
});

async function submit(maxTokens: number): Promise<string> {
  mkdirSync(join(house.workspace, 'empty'), { recursive: true });
  const { task_id } = await house.client.submitTask({
    type: 'CODE',
    input: {
      language: 'python',
      repo: { path: join(house.workspace, 'empty') },
      goal: 'Write a function that adds two numbers.',
      constraints: { max_tokens: maxTokens, latency_ms: 60_000 },
    },
    output_contract: { expected_files: ['adder.py'] },
  });
  return task_id;
}

test('a task goes from submit to its end with the model of this machine, and nonsense is not applied', async () => {
  const task = await house.ended(await submit(700));
  expect(task).toMatchObject({
    status: 'failed',
    verdict: null,
    // Random weights never end a file: what was cut off is no answer.
    failure: { code: 'budget_exhausted' },
    result: {
      model: { id: 'tiny', provider: 'embedded', llm: true },
      usage: { generated_tokens: 700, model_calls: 1 },
      files: [],
      apply: { state: 'not_applied' },
    },
  });
});
