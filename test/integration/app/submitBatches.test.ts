import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppDeps } from '../../../lib/app/app.ts';
import { submitTask } from '../../../lib/app/submitTask.ts';
import { TaskPayload } from '../../../lib/task/payload.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';

let service: Service;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service?.close());

function submit(deps: AppDeps, goal: string) {
  const payload = TaskPayload.parse(smallPayload(deps.config.workspaceRoot, { goal }));
  const request = { payload, apiKeyHash: 'a'.repeat(64), idempotencyKey: undefined };
  return submitTask(deps, { ...request, traceparent: undefined });
}

test('tasks that arrive together share an insert', async () => {
  const { deps } = service;
  const sizes: number[] = [];
  const counting: AppDeps = {
    ...deps,
    store: {
      ...deps.store,
      insertTasks: (tasks) => {
        sizes.push(tasks.length);
        return deps.store.insertTasks(tasks);
      },
    },
  };
  const goals = Array.from({ length: 600 }, (_, at) => `goal ${at}`);
  const submissions = await Promise.all(goals.map((goal) => submit(counting, goal)));
  expect(new Set(submissions.map(({ answer }) => answer.task_id)).size).toBe(600);
  expect(sizes).toEqual([500, 100]);
});

test('a task that the database cannot take fails alone', async () => {
  const { deps } = service;
  const picky: AppDeps = {
    ...deps,
    store: {
      ...deps.store,
      insertTasks: async (tasks) => {
        if (tasks.some(({ payload }) => payload.input.goal === 'poison')) throw new Error('22P05');
        return deps.store.insertTasks(tasks);
      },
    },
  };
  const outcomes = await Promise.allSettled(
    ['one', 'poison', 'two'].map((goal) => submit(picky, goal)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a doorbell that hangs holds an answer for a second at most', async () => {
  const { deps } = service;
  const hanging: AppDeps = {
    ...deps,
    doorbell: { ...deps.doorbell, ring: () => new Promise(() => undefined) },
  };
  const started = performance.now();
  const { answer } = await submit(hanging, 'waits for no bell');
  expect(performance.now() - started).toBeLessThan(5_000);
  expect((await service.client.getTask(answer.task_id)).status).toBe('queued');
});
