import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { isPortFree } from '../../infra/freePort.ts';
import type { TaskEvent } from '../../lib/task/event.ts';
import { type House, openHouse, type WorkerProcess } from '../support/house.ts';
import { ADD_REPOSITORY, addTask, RIGHT_ANSWER } from '../support/pythonTask.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';

let house: House;
let worker: WorkerProcess | undefined;
let server: ScriptedModelServer | undefined;

beforeAll(async () => {
  house = await openHouse();
});
afterEach(async () => {
  await worker?.kill('SIGTERM');
  await server?.close();
  worker = undefined;
  server = undefined;
});
afterAll(() => house.close());

async function submitAdd(constraints: object = {}): Promise<string> {
  house.seed(ADD_REPOSITORY);
  return (await house.client.submitTask(addTask(house.workspace, constraints))).task_id;
}

async function whenSeen(
  taskId: string,
  matches: (event: TaskEvent) => boolean,
): Promise<TaskEvent> {
  const signal = AbortSignal.timeout(60_000);
  for await (const seen of house.client.followTask(taskId, { signal })) {
    if (seen.kind === 'event' && matches(seen.event)) return seen.event;
  }
  throw new Error(`the stream of ${taskId} ended first`);
}

/** A port on which nobody listens, until a model server does. */
async function vacantPort(): Promise<number> {
  const held = await startScriptedModelServer({ answers: [] });
  const port = Number(new URL(held.url).port);
  await held.close();
  expect(await isPortFree(port, '127.0.0.1')).toBe(true);
  return port;
}

test('where no skeleton is wanted, a task that no model can take fails with the reasons', async () => {
  worker = house.startWorker({ WHEN_NO_MODEL: 'fail' });
  const task = await house.ended(await submitAdd());
  expect(task).toMatchObject({
    status: 'failed',
    failure: {
      code: 'no_eligible_model',
      message:
        'no model can take this task (scaffold: it makes skeletons only, and WHEN_NO_MODEL asks for none)',
      remedy: expect.stringContaining('agentctl models'),
    },
  });
});

const isTold = ({ type, data }: TaskEvent) =>
  type === 'log.appended' && data.text.startsWith('waiting for a model');

test('a task that waits for a model says so, holds no slot and can be cancelled', async () => {
  const record = join(house.home, 'answers.json');
  const goal = 'Implement add so that it returns the sum of its arguments';
  const answers = [{ goal, step: 'code.*', text: RIGHT_ANSWER }];
  writeFileSync(record, JSON.stringify({ answers }));
  const env = { WHEN_NO_MODEL: 'wait', WORKER_CONCURRENCY: '1', REPLAY_FILE: record };
  worker = house.startWorker(env);
  house.seed(ADD_REPOSITORY);
  const task = addTask(house.workspace);
  const other = { ...task, input: { ...task.input, goal: 'Nobody has recorded this' } };
  const { task_id: waiting } = await house.client.submitTask(other);
  await whenSeen(waiting, ({ type }) => type === 'task.requeued');
  expect((await house.ended(await submitAdd())).verdict?.name).toBe('verified');
  expect(await house.client.getTask(waiting)).toMatchObject({
    status: 'queued',
    attempt: 1,
    waiting: { why: expect.stringContaining('WHEN_NO_MODEL asks for none') },
  });
  expect(await house.client.cancelTask(waiting)).toMatchObject({ status: 'cancelled' });
  expect(await house.client.getTask(waiting)).toMatchObject({ waiting: null });
});

test('where it may wait, a task says why it waits, and is taken as soon as a model is there', async () => {
  const port = await vacantPort();
  const MODEL_SERVERS = `late=http://127.0.0.1:${port}/v1`;
  worker = house.startWorker({ WHEN_NO_MODEL: 'wait', MODEL_SERVERS });
  const taskId = await submitAdd();
  await whenSeen(taskId, isTold);
  server = await startScriptedModelServer({ answers: [RIGHT_ANSWER], port });
  const task = await house.ended(taskId);
  expect(task).toMatchObject({
    status: 'succeeded',
    verdict: { name: 'verified' },
    result: { model: { id: 'scripted-model' } },
  });
});

test('a task that waited in vain fails in its own time, with the reasons', async () => {
  worker = house.startWorker({ WHEN_NO_MODEL: 'wait' });
  const started = performance.now();
  const task = await house.ended(await submitAdd({ latency_ms: 4_000 }));
  expect(performance.now() - started).toBeLessThan(15_000);
  expect(task.failure).toMatchObject({
    code: 'no_eligible_model',
    message: expect.stringContaining('no model can take this task in the time it had (scaffold: '),
  });
});

test('a model that was measured to be too slow for a task is passed by, and its speed is shown', async () => {
  const usage = { prompt_tokens: 10, completion_tokens: 400 };
  server = await startScriptedModelServer({
    answers: [{ text: RIGHT_ANSWER, usage, pieceDelayMs: 100 }],
  });
  worker = house.startWorker({ MODEL_SERVERS: `slow=${server.url}` });
  await house.ended(await submitAdd());
  const hurried = await submitAdd({ latency_ms: 4_000 });
  expect(await whenSeen(hurried, ({ type }) => type === 'model.routed')).toMatchObject({
    data: {
      model: 'scaffold',
      refused: [
        { model: 'scripted-model', reasons: [expect.stringMatching(/tokens a second here/)] },
      ],
    },
  });
  await expect
    .poll(
      async () => (await house.client.listModels({})).data.map((model) => model.tokens_per_second),
      {
        timeout: 20_000,
      },
    )
    .toEqual([expect.any(Number), null]);
});
