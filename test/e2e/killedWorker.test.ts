import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type House, openHouse, type WorkerProcess } from '../support/house.ts';
import { leftProcesses } from '../support/leftProcesses.ts';
import { ADD_REPOSITORY, addTask, fileAnswer, RIGHT_ANSWER } from '../support/pythonTask.ts';
import {
  type ScriptedModelServer,
  type ScriptedModelServerOptions,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';
import {
  childrenOf,
  eventsOf,
  expectOneEnd,
  isStepStart,
  stepsThat,
  whenSeen,
} from '../support/watchTask.ts';

let house: House;
let server: ScriptedModelServer | undefined;
const workers: WorkerProcess[] = [];
beforeAll(async () => {
  house = await openHouse();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.kill('SIGTERM');
  await server?.close();
});
afterAll(() => house.close());

/** Its test, and compiling it, take long enough to be killed in. */
const SLOW_REPOSITORY = {
  ...ADD_REPOSITORY,
  'add/test_calculator.py': ADD_REPOSITORY['add/test_calculator.py'].replace(
    'self.assertEqual',
    '__import__("time").sleep(1.5); self.assertEqual',
  ),
  'add/large.py': 'def f(a, b):\n    return [a.x(b, 1), b.y(a, 2)]\n'.repeat(7_000),
};

async function modelThatSays(answers: ScriptedModelServerOptions['answers']) {
  server = await startScriptedModelServer({ answers });
  return server;
}

function startWorker({ url }: ScriptedModelServer): WorkerProcess {
  const worker = house.startWorker({ MODEL_SERVERS: `scripted=${url}` });
  workers.push(worker);
  return worker;
}

async function submit(
  files: Record<string, string> = SLOW_REPOSITORY,
  constraints: object = {},
): Promise<string> {
  house.seed(files);
  return (await house.client.submitTask(addTask(house.workspace, constraints))).task_id;
}

test.each([
  ['baseline', { finishedBefore: ['route'] }],
  ['code.1', { finishedBefore: ['route', 'baseline', 'prompt'] }],
  ['compile.1', { finishedBefore: ['route', 'baseline', 'prompt', 'code.1'] }],
  ['smoke.1', { finishedBefore: ['route', 'baseline', 'prompt', 'code.1', 'compile.1'] }],
])(
  'killed in step %s, a worker is replaced by one that repeats that step and none before it',
  async (step, { finishedBefore }) => {
    const never = new Promise<void>(() => undefined);
    let isHanging = step === 'code.1';
    const model = await modelThatSays(() =>
      isHanging ? { text: RIGHT_ANSWER, after: never } : RIGHT_ANSWER,
    );
    const first = startWorker(model);
    const taskId = await submit();
    await whenSeen(house.client, taskId, isStepStart(step));
    await first.kill('SIGKILL');
    isHanging = false;
    startWorker(model);
    expect(await house.ended(taskId)).toMatchObject({ attempt: 2, verdict: { name: 'verified' } });
    const events = await eventsOf(house.client, taskId);
    expectOneEnd(events);
    expect(events.filter(isStepStart(step))).toHaveLength(2);
    expect(stepsThat(events, 'replayed')).toEqual(finishedBefore);
    expect(model.requests.filter(({ aborted }) => !aborted)).toHaveLength(1);
  },
);

/** Says something for ever, as a model does that has lost its way; what it said is 25 tokens a piece. */
const ENDLESS = { text: 'word '.repeat(20 * 100), pieceSize: 100, pieceDelayMs: 5 };

test('what a killed call had streamed is not given to the next attempt once more', async () => {
  let isFirst = true;
  const model = await modelThatSays(() => (isFirst ? ENDLESS : RIGHT_ANSWER));
  const first = startWorker(model);
  const taskId = await submit(ADD_REPOSITORY, { max_tokens: 8_000 });
  const streamed = await whenStreamed(taskId, 1_000);
  await first.kill('SIGKILL');
  isFirst = false;
  startWorker(model);
  const { result, verdict } = await house.ended(taskId);
  expect(verdict?.name).toBe('verified');
  const [asked, again] = model.requests.map(({ body }) => body.max_tokens ?? 0);
  expect(asked).toBe(8_000);
  expect(again).toBeLessThanOrEqual(8_000 - streamed / 4);
  expect(again).toBeGreaterThan(8_000 - 2_100);
  const usage = { model_calls: 2, generated_tokens: 8_000 - (again ?? 0) + USED_BY_AN_ANSWER };
  expect(result?.usage).toMatchObject(usage);
});

test('a budget that a killed call has used up is not filled again', async () => {
  const model = await modelThatSays(() => ENDLESS);
  const first = startWorker(model);
  const taskId = await submit(ADD_REPOSITORY, { max_tokens: 200 });
  await whenStreamed(taskId, 1_200);
  await first.kill('SIGKILL');
  startWorker(model);
  expect(await house.ended(taskId)).toMatchObject({
    attempt: 2,
    failure: { code: 'budget_exhausted' },
    result: { usage: { model_calls: 1 } },
  });
  expect(model.requests).toHaveLength(1);
  expectOneEnd(await eventsOf(house.client, taskId));
});

/** As the scripted server reports it. */
const USED_BY_AN_ANSWER = 7;

/** Resolves with the characters of the model that the stream has shown, once there are so many. */
async function whenStreamed(taskId: string, characters: number): Promise<number> {
  let seen = 0;
  await whenSeen(house.client, taskId, ({ type, data }) => {
    if (type === 'log.appended' && data.source === 'model') seen += data.text.length;
    return seen >= characters;
  });
  return seen;
}

test('a worker that is killed takes everything in its sandbox with it', async () => {
  const model = await modelThatSays([
    fileAnswer('calculator.py', 'import time\ndef add(a, b):\n    time.sleep(987654)'),
  ]);
  const worker = startWorker(model);
  const taskId = await submit(ADD_REPOSITORY);
  await whenSeen(house.client, taskId, isStepStart('smoke.1'));
  await vi.waitFor(() => expect(childrenOf(worker)).not.toEqual([]), 10_000);
  const home = dirname(house.workspace);
  await vi.waitFor(() => expect(leftProcesses(home).length).toBeGreaterThan(1), 10_000);
  await worker.kill('SIGKILL');
  await vi.waitFor(() => expect(leftProcesses(home)).toEqual([]), 10_000);
  await house.client.cancelTask(taskId);
  startWorker(model);
  expect((await house.ended(taskId)).status).toBe('cancelled');
});
