import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Claim } from '../../../lib/store/claim.ts';
import {
  aStep,
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

const leaseMs = 60_000;

test('a heartbeat holds the lease and learns of a cancel', async () => {
  const claim = await room.claimed();
  expect(await room.store.extendLease({ ...claim, leaseMs })).toBe('held');
  await room.store.requestCancel(claim.taskId);
  expect(await room.store.extendLease({ ...claim, leaseMs })).toBe('cancelling');
});

test('a heartbeat that comes before anybody took the lapsed run over saves it', async () => {
  const claim = await room.claimed();
  await room.lapse(claim.taskId);
  expect(await room.store.extendLease({ ...claim, leaseMs })).toBe('held');
  const { requeued } = await room.store.sweep({ maxAttempts: 3, limit: 100 });
  expect(requeued).not.toContain(claim.taskId);
});

test('a run that is handed back is queued at once, at its old place, and nothing is held against it', async () => {
  const own = await openTestStore();
  const claim = await own.claimed();
  await own.submitted();
  expect(await own.store.handBack(claim)).toBe('requeued');
  expect(await own.store.findTask(claim.taskId)).toMatchObject({ status: 'queued', lapses: 0 });
  expect((await own.store.loadView(claim.taskId))?.queue_position).toBe(0);
  expect((await own.events(claim.taskId)).at(-1)).toMatchObject({
    type: 'task.requeued',
    data: { reason: 'worker_draining', attempt: 1 },
  });
  const { due } = await own.store.sweep({ maxAttempts: 3, limit: 100 });
  expect(due.map(({ taskId }) => taskId)).toContain(claim.taskId);
  await own.close();
});

test('a run that is handed back while it is being cancelled ends as cancelled', async () => {
  const claim = await room.claimed();
  await room.store.requestCancel(claim.taskId);
  expect(await room.store.handBack(claim)).toBe('cancelled');
});

/** Every way in which a run can end for whoever holds it, without its doing. */
const LOSSES: [name: string, lose: (claim: Claim) => Promise<unknown>][] = [
  [
    'taken over by another worker',
    async ({ taskId }) => {
      await room.lapse(taskId);
      await room.store.claimTask({ ...TERMS, owner: 'worker-2', taskId });
    },
  ],
  [
    'swept back to the queue',
    async ({ taskId }) => {
      await room.lapse(taskId);
      await room.store.sweep({ maxAttempts: 3, limit: 100 });
    },
  ],
  ['finished', (claim) => room.store.finishTask(aSuccess(claim))],
  ['handed back', (claim) => room.store.handBack(claim)],
];

test.each(LOSSES)('a run that was %s writes nothing more, not even events', async (_, lose) => {
  const claim = await room.claimed();
  await lose(claim);
  const before = {
    task: await room.store.findTask(claim.taskId),
    events: await room.events(claim.taskId),
  };
  const log = {
    type: 'log.appended',
    data: { step: 'code.1', source: 'tool', text: 'late' },
  } as const;
  expect(await room.store.extendLease({ ...claim, leaseMs })).toBe('lost');
  expect(await room.store.appendEvents({ ...claim, events: [log] })).toBeUndefined();
  expect(await room.store.recordStep(aStep(claim))).toBe('lost');
  expect(await room.store.dropStepsFrom({ ...claim, ordinal: 1 })).toBe('lost');
  expect(await room.store.finishTask(aSuccess(claim))).toBe('lost');
  expect(await room.store.handBack(claim)).toBe('lost');
  expect(await room.store.confirmCancelled(claim)).toBe('lost');
  expect(await room.store.findTask(claim.taskId)).toEqual(before.task);
  expect(await room.events(claim.taskId)).toEqual(before.events);
  expect(await room.store.loadSteps(claim.taskId)).toEqual([]);
});

test('a lost run takes nothing from the journal of the one that has it', async () => {
  const first = await room.claimed();
  await room.lapse(first.taskId);
  const second = await room.store.claimTask({ ...TERMS, taskId: first.taskId });
  if (second === undefined) throw new Error('the lapsed run was not claimed');
  await room.store.recordStep(aStep(second));
  await room.store.dropStepsFrom({ ...first, ordinal: 0 });
  await room.store.recordStep(aStep(first, { output: 'stale' }));
  const steps = await room.store.loadSteps(first.taskId);
  expect(steps.map(({ output }) => output)).toEqual([{ answer: 42 }]);
  expect(
    typesOf(await room.events(first.taskId)).filter((t) => t === 'step.finished'),
  ).toHaveLength(1);
});
