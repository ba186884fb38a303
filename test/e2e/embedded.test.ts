import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { TaskEvent } from '../../lib/task/event.ts';
import { openSeparateHome } from '../../scripts/start/separateSystem.ts';
import { type House, openHouse, type WorkerProcess } from '../support/house.ts';
import { isRunning, processes } from '../support/processes.ts';
import { makeTinyGguf } from '../support/tinyGguf.ts';
import { requireRuntime } from '../support/tinyModel.ts';
import { whenSeen } from '../support/watchTask.ts';

/** The whole service with a model in a process of its own, whose weights are random: what it writes makes no sense. */
let house: House;
let home: string;
let worker: WorkerProcess;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'agent-embedded-'));
  mkdirSync(join(home, 'models'));
  writeFileSync(join(home, 'models/tiny.gguf'), makeTinyGguf({ contextTokens: 32_768 }));
  openSeparateHome(home);
  house = await openHouse({ AGENT_HOME: home });
  worker = house.startWorker();
});
beforeEach((ctx) => {
  requireRuntime(ctx);
});
afterAll(async () => {
  await house.close();
  rmSync(home, { recursive: true, force: true });
});

/** Time enough, however slow the machine: a model that was measured to be too slow for the task would not be asked. */
const LATENCY_MS = 3_600_000;
/** More than the model writes while the test looks at it. */
const ENDLESS = 15_000;

async function submit(maxTokens: number): Promise<string> {
  mkdirSync(join(house.workspace, 'empty'), { recursive: true });
  const { task_id } = await house.client.submitTask({
    type: 'CODE',
    input: {
      language: 'python',
      repo: { path: join(house.workspace, 'empty') },
      goal: 'Write a function that adds two numbers.',
      constraints: { max_tokens: maxTokens, latency_ms: LATENCY_MS },
    },
    output_contract: { expected_files: ['adder.py'] },
  });
  return task_id;
}

function isModelTalk(event: TaskEvent): boolean {
  return event.type === 'log.appended' && event.data.source === 'model';
}

/** Resolves when the model of this machine is in the middle of its answer. */
async function whenSpeaking(taskId: string): Promise<void> {
  const isRouted = (event: TaskEvent) =>
    event.type === 'model.routed' && event.data.model === 'tiny';
  await whenSeen(house.client, taskId, isRouted);
  await whenSeen(house.client, taskId, isModelTalk);
}

/** The processes that hold a model, below this worker. */
function modelProcesses(): number[] {
  return processes()
    .filter(({ parent, command }) => parent === worker.child.pid && /embedded\/host/.test(command))
    .map(({ pid }) => pid);
}

test('a task goes from submit to its end with the model of this machine, and nonsense is not applied', async () => {
  const task = await house.ended(await submit(400));
  expect(task).toMatchObject({
    status: 'failed',
    verdict: null,
    // Random weights never end a file: what was cut off is no answer.
    failure: { code: 'budget_exhausted' },
    result: {
      model: { id: 'tiny', provider: 'embedded', llm: true },
      usage: { generated_tokens: 400, model_calls: 1 },
      files: [],
      apply: { state: 'not_applied' },
    },
  });
});

test('the model stays loaded for the next task, and a cancel in the middle of its answer ends its process', async () => {
  const [loaded] = modelProcesses();
  const taskId = await submit(ENDLESS);
  await whenSpeaking(taskId);
  expect(modelProcesses()).toEqual([loaded]);
  const cancelledAt = performance.now();
  await house.client.cancelTask(taskId);
  await expect.poll(modelProcesses, { interval: 5, timeout: 10_000 }).toEqual([]);
  expect(performance.now() - cancelledAt).toBeLessThan(5_000);
  expect((await house.ended(taskId)).status).toBe('cancelled');
});

test('a worker that is killed in the middle of an answer leaves no process of a model', async () => {
  await whenSpeaking(await submit(ENDLESS));
  const [pid] = modelProcesses();
  expect(pid).toBeGreaterThan(0);
  worker.child.kill('SIGKILL');
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
});
