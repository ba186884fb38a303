import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type House, openHouse, type WorkerProcess } from '../support/house.ts';
import {
  ADD_REPOSITORY,
  addTask,
  BROKEN_ANSWER,
  RIGHT_ANSWER,
  WRONG_ANSWER,
} from '../support/pythonTask.ts';
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
const workers: WorkerProcess[] = [];
const servers: ScriptedModelServer[] = [];

beforeAll(async () => {
  house = await openHouse();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.kill('SIGTERM');
  for (const server of servers.splice(0)) await server.close();
});
afterAll(() => house.close());

async function modelThatSays(
  answers: ScriptedModelServerOptions['answers'],
): Promise<ScriptedModelServer> {
  const server = await startScriptedModelServer({ answers });
  servers.push(server);
  return server;
}

function workerWith(server: ScriptedModelServer, env: Record<string, string> = {}): WorkerProcess {
  const worker = house.startWorker({ MODEL_SERVERS: `scripted=${server.url}`, ...env });
  workers.push(worker);
  return worker;
}

async function submitAdd(constraints: object = {}): Promise<string> {
  house.seed(ADD_REPOSITORY);
  const submitted = await house.client.submitTask(addTask(house.workspace, constraints));
  return submitted.task_id;
}

describe('a task from submit to verdict', () => {
  test('a wrong answer is repaired and the result is verified, written back and told step by step', async () => {
    const server = await modelThatSays([WRONG_ANSWER, RIGHT_ANSWER]);
    workerWith(server);
    const taskId = await submitAdd();
    const task = await house.ended(taskId);
    expect(task).toMatchObject({ status: 'succeeded', verdict: { name: 'verified' } });
    expect(server.requests).toHaveLength(2);
    expect(task.result?.proof?.fixed).not.toEqual([]);
    expect(readFileSync(`${house.workspace}/add/calculator.py`, 'utf8')).toBe(
      'def add(a, b):\n    return a + b\n',
    );
    const events = await eventsOf(house.client, taskId);
    expectOneEnd(events);
    const types = events.map((event) => event.type);
    expect(types[0]).toBe('task.submitted');
    expect(types.at(-1)).toBe('task.finished');
    expect(types.filter((type) => type === 'edit.applied')).toHaveLength(2);
    expect(types).toContain('patch.applied');
    const oracles = events.filter((event) => event.type === 'oracle.finished');
    expect(oracles.some((event) => event.data.status === 'fail')).toBe(true);
  });

  test('a syntax error is repaired after the compile', async () => {
    const server = await modelThatSays([BROKEN_ANSWER, RIGHT_ANSWER]);
    workerWith(server);
    const task = await house.ended(await submitAdd());
    expect(task).toMatchObject({ status: 'succeeded', verdict: { name: 'verified' } });
    expect(server.requests).toHaveLength(2);
  });

  test('an answer that stays wrong ends refuted and leaves the workspace alone', async () => {
    workerWith(await modelThatSays([WRONG_ANSWER]));
    const task = await house.ended(await submitAdd());
    expect(task).toMatchObject({ status: 'succeeded', verdict: { name: 'refuted' } });
    expect(task.result?.apply.state).toBe('not_applied');
    expect(readFileSync(`${house.workspace}/add/calculator.py`, 'utf8')).toContain(
      'NotImplementedError',
    );
  });
});

describe('a worker that dies or is told to stop', () => {
  test('after kill -9 in the middle of a step the task ends once and no finished step is repeated', async () => {
    const second = Promise.withResolvers<void>();
    const server = await modelThatSays((_request, call) =>
      call === 1
        ? WRONG_ANSWER
        : { text: RIGHT_ANSWER, after: call === 2 ? second.promise : Promise.resolve() },
    );
    const first = workerWith(server);
    const taskId = await submitAdd();
    await whenSeen(house.client, taskId, isStepStart('code.2'));
    await first.kill('SIGKILL');
    second.resolve();
    workerWith(server);
    const task = await house.ended(taskId);
    expect(task).toMatchObject({ status: 'succeeded', verdict: { name: 'verified' }, attempt: 2 });
    const events = await eventsOf(house.client, taskId);
    expectOneEnd(events);
    expect(stepsThat(events, 'replayed')).toContain('code.1');
    const firstPrompts = server.requests.filter(
      (request) => !JSON.stringify(request.body.messages).includes('return a - b'),
    );
    expect(firstPrompts).toHaveLength(1);
  });

  test('a worker that is told to stop hands its task back, and the next one finishes it', async () => {
    const never = new Promise<void>(() => undefined);
    const server = await modelThatSays((_request, call) =>
      call === 1 ? { text: RIGHT_ANSWER, after: never } : RIGHT_ANSWER,
    );
    const first = workerWith(server, { DRAIN_MS: '200' });
    const taskId = await submitAdd();
    await whenSeen(house.client, taskId, isStepStart('code.1'));
    await first.kill('SIGTERM');
    expect(first.child.exitCode).toBe(0);
    expect((await house.client.getTask(taskId)).status).toBe('queued');
    workerWith(server);
    expect(await house.ended(taskId)).toMatchObject({ verdict: { name: 'verified' } });
  });
});

describe('a cancel', () => {
  test('during a model call stops the call, and resume goes on from the journal', async () => {
    const never = new Promise<void>(() => undefined);
    const server = await modelThatSays((_request, call) =>
      call === 1 ? { text: RIGHT_ANSWER, after: never } : RIGHT_ANSWER,
    );
    workerWith(server);
    const taskId = await submitAdd();
    await whenSeen(house.client, taskId, isStepStart('code.1'));
    await house.client.cancelTask(taskId);
    expect((await house.ended(taskId)).status).toBe('cancelled');
    expect(server.requests[0]?.aborted).toBe(true);
    await house.client.resumeTask(taskId);
    expect(await house.ended(taskId)).toMatchObject({ verdict: { name: 'verified' } });
  });

  test('of a test that never ends leaves no process behind', async () => {
    const endless = [
      '### FILE: calculator.py',
      '```python',
      'import time',
      'def add(a, b):',
      '    time.sleep(987654)',
      '```',
    ].join('\n');
    const worker = workerWith(await modelThatSays([endless]));
    const taskId = await submitAdd();
    await whenSeen(house.client, taskId, isStepStart('smoke.1'));
    await vi.waitFor(() => expect(childrenOf(worker)).not.toEqual([]), 10_000);
    await house.client.cancelTask(taskId);
    expect((await house.ended(taskId)).status).toBe('cancelled');
    expect(childrenOf(worker)).toEqual([]);
  });
});

test('a task whose time is used up fails and says so', async () => {
  const never = new Promise<void>(() => undefined);
  workerWith(await modelThatSays(() => ({ text: RIGHT_ANSWER, after: never })));
  const task = await house.ended(await submitAdd({ latency_ms: 3_000 }));
  expect(task).toMatchObject({ status: 'failed', failure: { code: 'budget_exhausted' } });
});
