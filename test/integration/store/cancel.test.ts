import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStore } from '../../../lib/store/store.ts';
import {
  aFailure,
  anId,
  aSuccess,
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

test('a queued task is cancelled at once, and its ring finds nothing', async () => {
  const taskId = await room.submitted();
  expect(await room.store.requestCancel(taskId)).toBe('cancelled');
  expect(await room.store.claimTask({ ...TERMS, taskId })).toBeUndefined();
  expect(await room.events(taskId)).toMatchObject([
    { type: 'task.submitted' },
    { type: 'task.finished', data: { status: 'cancelled', verdict: null, failure: null } },
  ]);
});

test('a running task is cancelling until its runner says that it is dead', async () => {
  const claim = await room.claimed();
  expect(await room.store.requestCancel(claim.taskId)).toBe('cancelling');
  expect(await room.store.findTask(claim.taskId)).toMatchObject({ status: 'cancelling' });
  expect(await room.store.confirmCancelled(claim)).toBe('cancelled');
  expect(typesOf(await room.events(claim.taskId))).toEqual([
    'task.submitted',
    'task.claimed',
    'task.cancelling',
    'task.finished',
  ]);
});

test('asking again while it is cancelling changes nothing', async () => {
  const { taskId } = await room.claimed();
  await room.store.requestCancel(taskId);
  const before = await room.events(taskId);
  expect(await room.store.requestCancel(taskId)).toBe('cancelling');
  expect(await room.events(taskId)).toEqual(before);
});

test('a finish that finds cancelling writes cancelled, keeps what was done, and gives no verdict', async () => {
  const claim = await room.claimed();
  await room.store.requestCancel(claim.taskId);
  expect(await room.store.finishTask(aSuccess(claim))).toBe('cancelled');
  expect(await room.store.loadView(claim.taskId)).toMatchObject({
    status: 'cancelled',
    verdict: null,
    failure: null,
    result: { apply: { state: 'applied' } },
  });
});

test('a cancelled task says so; one that ended otherwise, and one that never was, say that', async () => {
  const cancelled = await room.submitted();
  await room.store.requestCancel(cancelled);
  expect(await room.store.requestCancel(cancelled)).toBe('already_cancelled');
  const succeeded = await room.claimed();
  await room.store.finishTask(aSuccess(succeeded));
  expect(await room.store.requestCancel(succeeded.taskId)).toBe('terminal');
  const failed = await room.claimed();
  await room.store.finishTask(aFailure(failed));
  expect(await room.store.requestCancel(failed.taskId)).toBe('terminal');
  expect(await room.store.requestCancel(anId())).toBe('missing');
});

test('a run that is not being cancelled cannot be confirmed as cancelled', async () => {
  const claim = await room.claimed();
  expect(await room.store.confirmCancelled(claim)).toBe('lost');
  expect(await room.store.findTask(claim.taskId)).toMatchObject({ status: 'running' });
});

test('a task that goes back to the queue while its cancel looks for it is found there', async () => {
  const claim = await room.claimed();
  let looks = 0;
  const meddled = createStore({
    ...room.database,
    query: async (sql, params) => {
      looks += 1;
      if (looks === 2) await room.store.handBack(claim);
      return room.database.query(sql, params);
    },
  });
  expect(await meddled.requestCancel(claim.taskId)).toBe('cancelled');
  expect(await room.store.findTask(claim.taskId)).toMatchObject({ status: 'cancelled' });
});

test('a cancel and a claim at once end in a cancelled task or in a running one that is told', async () => {
  for (let round = 0; round < 20; round += 1) {
    const taskId = await room.submitted();
    const [claim, answer] = await Promise.all([
      room.store.claimTask({ ...TERMS, taskId }),
      room.store.requestCancel(taskId),
    ]);
    const status = (await room.store.findTask(taskId))?.status;
    expect([answer, status]).toEqual(
      claim === undefined ? ['cancelled', 'cancelled'] : ['cancelling', 'cancelling'],
    );
  }
});
