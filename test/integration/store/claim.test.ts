import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  anId,
  aSuccess,
  aTask,
  openTestStore,
  TERMS,
  type TestStore,
  typesOf,
} from '../../support/testStore.ts';

let room: TestStore;
beforeAll(async () => {
  room = await openTestStore();
});
afterAll(() => room.close());

test('a claim carries what the run needs and is told in the log', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const before = Date.now();
  const claim = await room.claimed({ traceparent });
  expect(claim).toMatchObject({ fence: 1, attempt: 1, traceparent });
  expect(claim.payload.input.goal).toBe('Add a greeting');
  expect(claim.startedAt).toBeGreaterThanOrEqual(before - 1_000);
  expect(await room.events(claim.taskId)).toMatchObject([
    { type: 'task.submitted' },
    { seq: 2, type: 'task.claimed', data: { worker: 'worker-1', attempt: 1, fence: 1 } },
  ]);
});

test('of fifty contenders for one task, one wins', async () => {
  const taskId = await room.submitted();
  const claims = await Promise.all(
    Array.from({ length: 50 }, (_, at) =>
      room.store.claimTask({ ...TERMS, owner: `worker-${at}`, taskId }),
    ),
  );
  expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  expect(typesOf(await room.events(taskId))).toEqual(['task.submitted', 'task.claimed']);
});

test('a ring for a task that is run, done or unknown finds nothing to claim', async () => {
  const claim = await room.claimed();
  expect(await room.store.claimTask({ ...TERMS, taskId: claim.taskId })).toBeUndefined();
  await room.store.finishTask(aSuccess(claim));
  expect(await room.store.claimTask({ ...TERMS, taskId: claim.taskId })).toBeUndefined();
  expect(await room.store.claimTask({ ...TERMS, taskId: anId() })).toBeUndefined();
});

test('a run whose lease has lapsed is claimed anew, under a higher fence and with its start kept', async () => {
  const first = await room.claimed();
  await room.lapse(first.taskId);
  const second = await room.store.claimTask({ ...TERMS, owner: 'worker-2', taskId: first.taskId });
  expect(second?.attempt).toBe(2);
  expect(second?.fence).toBeGreaterThan(first.fence);
  expect(second?.startedAt).toBe(first.startedAt);
  expect(await room.events(first.taskId)).toMatchObject([
    { type: 'task.submitted' },
    { type: 'task.claimed' },
    { type: 'task.requeued', data: { reason: 'lease_lapsed', attempt: 1 } },
    { type: 'task.claimed', data: { worker: 'worker-2', attempt: 2 } },
  ]);
});

test('of fifty contenders for a lapsed run, one wins', async () => {
  const { taskId } = await room.claimed();
  await room.lapse(taskId);
  const claims = await Promise.all(
    Array.from({ length: 50 }, () => room.store.claimTask({ ...TERMS, taskId })),
  );
  expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
});

test('a claim that finds the last allowed lease lapsed ends the task as attempts_exhausted', async () => {
  const { taskId } = await room.claimed();
  for (let lapse = 1; lapse < TERMS.maxAttempts; lapse += 1) {
    await room.lapse(taskId);
    expect(await room.store.claimTask({ ...TERMS, taskId })).toBeDefined();
  }
  await room.lapse(taskId);
  expect(await room.store.claimTask({ ...TERMS, taskId })).toBeUndefined();
  const view = await room.store.loadView(taskId);
  expect(view).toMatchObject({ status: 'failed', failure: { code: 'attempts_exhausted' } });
});

test('claiming what is next takes the longest waiting first, as many as asked for', async () => {
  const own = await openTestStore();
  const ids = [await own.submitted(), await own.submitted(), await own.submitted()];
  const claims = await own.store.claimNext({ ...TERMS, limit: 2 });
  expect(claims.map(({ taskId }) => taskId)).toEqual(ids.slice(0, 2));
  expect(await own.store.countQueued()).toBe(1);
  await own.close();
});

test('a task that somebody else is claiming just now is passed by, not waited for', async () => {
  const own = await openTestStore();
  const [first, second] = [await own.submitted(), await own.submitted()];
  await own.database.transaction(async (tx) => {
    await tx.query('select id from tasks where id = $1 for update', [first]);
    const claims = await own.store.claimNext({ ...TERMS, limit: 1 });
    expect(claims.map(({ taskId }) => taskId)).toEqual([second]);
  });
  await own.close();
});

test('eight workers that claim what is next share a backlog without sharing a task', async () => {
  const own = await openTestStore();
  await own.store.insertTasks(Array.from({ length: 200 }, () => aTask()));
  const drain = async (): Promise<string[]> => {
    const claims = await own.store.claimNext({ ...TERMS, limit: 7 });
    if (claims.length === 0) return [];
    return [...claims.map(({ taskId }) => taskId), ...(await drain())];
  };
  const taken = (await Promise.all(Array.from({ length: 8 }, drain))).flat();
  expect(taken).toHaveLength(200);
  expect(new Set(taken).size).toBe(200);
  await own.close();
});
