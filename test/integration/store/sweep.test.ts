import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TaskId } from '../../../lib/kernel/ids.ts';
import { aTask, openTestStore, TERMS, type TestStore, typesOf } from '../../support/testStore.ts';

let room: TestStore;
beforeEach(async () => {
  room = await openTestStore();
});
afterEach(() => room.close());

const sweep = () => room.store.sweep({ maxAttempts: 3, limit: 100 });
const dueNow = async () => (await sweep()).due.map(({ taskId }) => taskId);

/** As if the last ring had been that long ago. */
async function ringWasAgo(taskId: TaskId, seconds: number) {
  await room.database.query(
    `update tasks set dispatched_at = now() - $2 * interval '1 second' where id = $1`,
    [taskId, seconds],
  );
}

test('a lapsed run goes back to the queue, is due for a ring, and its lapse is remembered', async () => {
  const { taskId } = await room.claimed();
  await room.lapse(taskId);
  const swept = await sweep();
  expect(swept).toMatchObject({ swept: true, requeued: [taskId], failed: [], cancelled: [] });
  expect(swept.due.map((ring) => ring.taskId)).toEqual([taskId]);
  expect(await room.store.findTask(taskId)).toMatchObject({ status: 'queued', lapses: 1 });
  expect((await room.events(taskId)).at(-1)).toMatchObject({
    type: 'task.requeued',
    data: { reason: 'lease_lapsed', attempt: 1 },
  });
});

test('a run that lost its lease as often as is allowed fails, and says so', async () => {
  const { taskId } = await room.claimed();
  for (let lapse = 1; lapse < 3; lapse += 1) {
    await room.lapse(taskId);
    await sweep();
    await room.store.claimTask({ ...TERMS, taskId });
  }
  await room.lapse(taskId);
  expect(await sweep()).toMatchObject({ failed: [taskId], requeued: [], due: [] });
  expect((await room.events(taskId)).at(-1)).toMatchObject({
    type: 'task.finished',
    data: { status: 'failed', verdict: null, failure: { code: 'attempts_exhausted' } },
  });
});

test('a cancelling run whose worker is gone ends as cancelled', async () => {
  const { taskId, fence } = await room.claimed();
  await room.store.requestCancel(taskId);
  await room.lapse(taskId);
  expect(await sweep()).toMatchObject({ cancelled: [taskId], requeued: [], failed: [] });
  expect(await room.store.findTask(taskId)).toMatchObject({
    status: 'cancelled',
    fence: fence + 1,
  });
});

test('a run that holds its lease is left alone', async () => {
  const { taskId } = await room.claimed();
  const before = await room.events(taskId);
  expect(await sweep()).toEqual({ swept: true, requeued: [], failed: [], cancelled: [], due: [] });
  expect(await room.events(taskId)).toEqual(before);
});

test('a task that was never rung is due at once', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const taskId = await room.submitted({ traceparent });
  expect((await sweep()).due).toEqual([{ taskId, traceparent }]);
});

test('a task whose ring was not heard stays due until one is', async () => {
  const taskId = await room.submitted();
  expect(await dueNow()).toEqual([taskId]);
  expect(await dueNow()).toEqual([taskId]);
  await room.store.markDispatched([taskId]);
  expect(await dueNow()).toEqual([]);
});

test('rings are repeated after 15 s, 30 s, 60 s, 120 s, 240 s, and then every 5 min', async () => {
  const taskId = await room.submitted();
  await room.store.markDispatched([taskId]);
  for (const seconds of [15, 30, 60, 120, 240, 300, 300, 300]) {
    await ringWasAgo(taskId, seconds - 2);
    expect(await dueNow()).toEqual([]);
    await ringWasAgo(taskId, seconds + 2);
    expect(await dueNow()).toEqual([taskId]);
    await room.store.markDispatched([taskId]);
  }
});

test('a task whose message died is due again at once', async () => {
  const taskId = await room.submitted();
  await room.store.markDispatched([taskId]);
  await room.store.ringAgain(taskId);
  expect(await dueNow()).toEqual([taskId]);
});

test('a dead message of a task that runs or has ended changes nothing', async () => {
  const { taskId } = await room.claimed();
  await room.store.ringAgain(taskId);
  await room.store.markDispatched([taskId]);
  expect(await room.store.findTask(taskId)).toMatchObject({ status: 'running' });
  expect(await dueNow()).toEqual([]);
});

test('a sweep takes no more of each kind than its limit', async () => {
  await room.store.insertTasks(Array.from({ length: 5 }, () => aTask()));
  const { due } = await room.store.sweep({ maxAttempts: 3, limit: 2 });
  expect(due).toHaveLength(2);
});

test('while another sweeps, a sweep does nothing and says so', async () => {
  const { taskId } = await room.claimed();
  await room.lapse(taskId);
  const sweeps = await Promise.all(Array.from({ length: 8 }, sweep));
  expect(sweeps.flatMap(({ requeued }) => requeued)).toEqual([taskId]);
  await room.database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(7301001)');
    expect(await sweep()).toMatchObject({ swept: false, due: [] });
  });
  expect(typesOf(await room.events(taskId))).toEqual([
    'task.submitted',
    'task.claimed',
    'task.requeued',
  ]);
});
