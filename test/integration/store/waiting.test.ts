import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EpochMs } from '../../../lib/kernel/clock.ts';
import { openTestStore, TERMS, type TestStore, typesOf } from '../../support/testStore.ts';

let room: TestStore;
beforeEach(async () => {
  room = await openTestStore();
});
afterEach(() => room.close());

const WHY = 'small: it does not write java';
const in10Minutes = () => (Date.now() + 600_000) as EpochMs;

async function waiting(wakeAt = in10Minutes()) {
  const claim = await room.claimed();
  const { taskId, fence } = claim;
  expect(await room.store.handBackToWait({ taskId, fence, why: WHY, wakeAt })).toBe('requeued');
  return claim;
}

test('a task that waits is queued, says why and until when, and nothing is held against it', async () => {
  const wakeAt = in10Minutes();
  const { taskId } = await waiting(wakeAt);
  expect(await room.store.findTask(taskId)).toMatchObject({ status: 'queued', lapses: 0 });
  const { waiting: told } = (await room.store.loadView(taskId)) ?? {};
  expect(told).toEqual({ why: WHY, until: new Date(wakeAt).toISOString() });
  expect((await room.events(taskId)).at(-1)).toMatchObject({
    type: 'task.requeued',
    data: { reason: 'waiting_for_model', attempt: 1 },
  });
});

test('it is claimed by nobody who does not ask for what waits, and not rung for', async () => {
  const { taskId } = await waiting();
  expect(await room.store.claimNext({ ...TERMS, limit: 10 })).toEqual([]);
  expect(await room.store.claimTask({ ...TERMS, taskId })).toBeUndefined();
  expect((await room.store.sweep({ maxAttempts: 3, limit: 10 })).due).toEqual([]);
});

test('it is claimed by who has a model for it, with its time running on', async () => {
  const { taskId, startedAt } = await waiting();
  const claim = await room.store.claimTask({ ...TERMS, taskId, evenIfWaiting: true });
  expect(claim).toMatchObject({ attempt: 2, waited: WHY, startedAt });
  expect((await room.store.loadView(taskId))?.waiting).toBeNull();
  expect(await room.store.waitingAfter(undefined, 10)).toEqual([]);
});

test('it is rung for and claimed by anybody when its time is over', async () => {
  const { taskId } = await waiting();
  await room.database.query('update tasks set wake_at = now() where id = $1', [taskId]);
  const { due } = await room.store.sweep({ maxAttempts: 3, limit: 10 });
  expect(due.map((ring) => ring.taskId)).toEqual([taskId]);
  expect(await room.store.claimNext({ ...TERMS, limit: 10 })).toMatchObject([
    { taskId, waited: WHY },
  ]);
});

test('a time that is over already still leaves it alone for a second, so that no one claims it in circles', async () => {
  const { taskId } = await waiting(0 as EpochMs);
  expect(await room.store.claimTask({ ...TERMS, taskId })).toBeUndefined();
});

test('it is cancelled at once, and does not wait any more when it is resumed', async () => {
  const { taskId } = await waiting();
  expect(await room.store.requestCancel(taskId)).toBe('cancelled');
  await room.store.resumeTask({ taskId, from: 'journal' });
  expect(await room.store.claimNext({ ...TERMS, limit: 10 })).toMatchObject([
    { taskId, waited: null },
  ]);
});

test('it stands in nobody’s way, and those that wait are read page by page', async () => {
  const first = await waiting();
  const second = await waiting();
  const third = await room.submitted();
  expect((await room.store.loadView(third))?.queue_position).toBe(0);
  const [one] = await room.store.waitingAfter(undefined, 1);
  expect(one?.taskId).toBe(first.taskId);
  const [two, ...none] = await room.store.waitingAfter(one?.taskId, 10);
  expect([two?.taskId, none]).toEqual([second.taskId, []]);
});

test('a run that is being cancelled ends instead of waiting; one that was lost writes nothing', async () => {
  const wakeAt = in10Minutes();
  const cancelled = await room.claimed();
  await room.store.requestCancel(cancelled.taskId);
  expect(await room.store.handBackToWait({ ...cancelled, why: WHY, wakeAt })).toBe('cancelled');
  const lost = await room.claimed();
  await room.lapse(lost.taskId);
  await room.store.claimTask({ ...TERMS, taskId: lost.taskId });
  expect(await room.store.handBackToWait({ ...lost, why: WHY, wakeAt })).toBe('lost');
  expect(
    typesOf(await room.events(lost.taskId)).filter((type) => type === 'task.requeued'),
  ).toEqual(['task.requeued']);
});
