import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Refusal } from '../../../lib/kernel/errors.ts';
import type { TaskId } from '../../../lib/kernel/ids.ts';
import type { Generation } from '../../../lib/llm/llm.ts';
import { RIGHT_ANSWER } from '../../support/pythonTask.ts';
import { type Generate, openWorkerBench, type WorkerBench } from '../../support/workerBench.ts';

let bench: WorkerBench | undefined;
afterEach(() => bench?.close());

const ANSWER: Generation = {
  text: RIGHT_ANSWER,
  finish: 'stop',
  promptTokens: 10,
  generatedTokens: 20,
  estimated: false,
};

async function open(generate: Generate): Promise<WorkerBench> {
  bench = await openWorkerBench(generate);
  return bench;
}

/** Calls of a model that take until the test lets them go, whatever is aborted meanwhile. */
function slowCalls() {
  const calls: { letGo(): void }[] = [];
  const generate: Generate = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    calls.push({ letGo: resolve });
    await promise;
    return ANSWER;
  };
  return { calls, generate };
}

/** Resolves when a lease that is held now has been prolonged. */
async function heartbeat({ deps }: WorkerBench): Promise<void> {
  const { extendLease } = deps.store;
  const { promise, resolve } = Promise.withResolvers<void>();
  deps.store.extendLease = async (lease) => {
    const answer = await extendLease(lease);
    if (answer === 'held') resolve();
    return answer;
  };
  await promise;
  deps.store.extendLease = extendLease;
}

const reasonsOf = async ({ events }: WorkerBench, taskId: TaskId) =>
  (await events(taskId)).flatMap((event) =>
    event.type === 'task.requeued' ? [event.data.reason] : [],
  );

test('a task that comes back to the worker that lost it waits there until its first run has ended', async () => {
  const { calls, generate } = slowCalls();
  const own = await open(generate);
  const worker = await own.start();
  const taskId = await own.submit();
  await expect.poll(() => calls.length, { timeout: 30_000 }).toBe(1);
  await own.steal(taskId);
  const attempt = async () => (await own.service.client.getTask(taskId)).attempt;
  await expect.poll(attempt, { timeout: 30_000 }).toBe(3);
  // Its lease is held meanwhile, and its folders are left to the run before.
  await heartbeat(own);
  expect([await attempt(), calls.length]).toEqual([3, 1]);
  calls[0]?.letGo();
  await expect.poll(() => calls.length, { timeout: 30_000 }).toBe(2);
  calls[1]?.letGo();
  const stopped = worker.stop(60_000);
  await stopped;
  expect(await own.service.client.getTask(taskId)).toMatchObject({
    status: 'succeeded',
    attempt: 3,
  });
});

test('a worker that drains gives back also the run that followed one which it had lost', async () => {
  const { calls, generate } = slowCalls();
  const own = await open(generate);
  const worker = await own.start();
  const taskId = await own.submit();
  await expect.poll(() => calls.length, { timeout: 30_000 }).toBe(1);
  await own.steal(taskId);
  calls[0]?.letGo();
  await expect.poll(() => calls.length, { timeout: 30_000 }).toBe(2);
  const stopped = worker.stop(0);
  calls[1]?.letGo();
  await stopped;
  expect((await own.service.client.getTask(taskId)).status).toBe('queued');
  expect(await reasonsOf(own, taskId)).toEqual([
    'lease_lapsed',
    'worker_draining',
    'worker_draining',
  ]);
});

test('a run that breaks off in its own words when it is stopped ends as what stopped it', async () => {
  const asked = Promise.withResolvers<void>();
  const own = await open(async ({ signal }) => {
    asked.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    throw new Error('the connection was closed');
  });
  const worker = await own.start();
  const taskId = await own.submit();
  await asked.promise;
  await worker.stop(0);
  expect((await own.service.client.getTask(taskId)).status).toBe('queued');
});

test('a database that is away for moments costs no run: what was to be written is written when it is back', async () => {
  const own = await open(async ({ onText }) => {
    onText(RIGHT_ANSWER);
    return ANSWER;
  });
  const { store: real } = own.deps;
  const failed = new Set<string>();
  /** Refuses the first call of every verb. */
  const away =
    <A extends unknown[], T>(verb: string, ask: (...asked: A) => Promise<T>) =>
    async (...asked: A): Promise<T> => {
      const isFirst = !failed.has(verb);
      failed.add(verb);
      if (isFirst) throw new Refusal('unavailable', 'away', { code: 'database_unavailable' });
      return ask(...asked);
    };
  const worker = await own.start({
    store: {
      ...real,
      appendEvents: away('appendEvents', real.appendEvents),
      recordStep: away('recordStep', real.recordStep),
      keepModelCall: away('keepModelCall', real.keepModelCall),
      finishTask: away('finishTask', real.finishTask),
    },
  });
  const taskId = await own.submit();
  await expect
    .poll(async () => (await own.service.client.getTask(taskId)).status, { timeout: 60_000 })
    .toBe('succeeded');
  await worker.stop(60_000);
  expect(failed.size).toBe(4);
  expect(await own.service.client.getTask(taskId)).toMatchObject({
    attempt: 1,
    verdict: { name: 'verified' },
  });
});

test('a cancel that comes while the result is written leaves it on record, so that it can be taken out again', async () => {
  const own = await open(async () => ANSWER);
  const result = join(own.deps.config.workspaceRoot, 'add/calculator.py');
  const learnt = Promise.withResolvers<void>();
  const { store: real } = own.deps;
  const cancelAndLearn = async (taskId: TaskId) => {
    await real.requestCancel(taskId);
    await learnt.promise;
  };
  const store: typeof real = {
    ...real,
    extendLease: async (lease) => {
      const answer = await real.extendLease(lease);
      if (answer === 'cancelling') setImmediate(learnt.resolve);
      return answer;
    },
    appendEvents: async (append) => {
      const [event] = append.events;
      if (event?.type === 'patch.applied') await cancelAndLearn(append.taskId);
      return real.appendEvents(append);
    },
    recordStep: async (step) => {
      if (step.key === 'apply') await cancelAndLearn(step.taskId);
      return real.recordStep(step);
    },
  };
  const worker = await own.start({ store });
  const taskId = await own.submit({ apply: 'always' });
  await learnt.promise;
  await worker.stop(60_000);
  expect(readFileSync(result, 'utf8')).toContain('return a + b');
  expect(await own.service.client.getTask(taskId)).toMatchObject({
    status: 'cancelled',
    verdict: null,
    result: { apply: { state: 'applied', paths: ['calculator.py'] } },
  });
  const asked = await own.service.call('POST', `/v1/tasks/${taskId}/revert`);
  expect(asked.status).toBe(202);
});
