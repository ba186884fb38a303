import { afterAll, beforeAll, expect, test } from 'vitest';
import { aFailure, aSuccess, openTestStore, type TestStore } from '../../support/testStore.ts';

let room: TestStore;
beforeAll(async () => {
  room = await openTestStore();
});
afterAll(() => room.close());

test('a finish writes status, verdict, result, patch and the last event together', async () => {
  const claim = await room.claimed();
  expect(await room.store.finishTask(aSuccess(claim))).toBe('finished');
  expect(await room.store.loadView(claim.taskId)).toMatchObject({
    status: 'succeeded',
    verdict: { name: 'verified', summary: 'All tests pass.' },
    failure: null,
    result: { files: [{ path: 'a.py' }], apply: { state: 'applied' } },
    finished_at: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(await room.store.loadPatch(claim.taskId)).toMatchObject({ tree_hash: 'tree' });
  expect((await room.events(claim.taskId)).at(-1)).toMatchObject({
    type: 'task.finished',
    data: { status: 'succeeded', verdict: { name: 'verified' }, failure: null },
  });
});

test('a failure is written with its reason and without a verdict', async () => {
  const claim = await room.claimed();
  expect(await room.store.finishTask(aFailure(claim))).toBe('finished');
  expect(await room.store.loadView(claim.taskId)).toMatchObject({
    status: 'failed',
    verdict: null,
    failure: { code: 'budget_exhausted' },
  });
  expect((await room.events(claim.taskId)).at(-1)).toMatchObject({
    type: 'task.finished',
    data: { status: 'failed', failure: { code: 'budget_exhausted' } },
  });
});

test('of ten finishes at once, one is written', async () => {
  const claim = await room.claimed();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => room.store.finishTask(aSuccess(claim))),
  );
  expect(answers.toSorted()).toEqual(['finished', ...Array(9).fill('lost')]);
  const ends = (await room.events(claim.taskId)).filter(({ type }) => type === 'task.finished');
  expect(ends).toHaveLength(1);
});

test('the database refuses a verdict on a failed task and a failure without a reason', async () => {
  const claim = await room.claimed();
  const { verdict } = aSuccess(claim);
  await expect(room.store.finishTask({ ...aFailure(claim), verdict })).rejects.toMatchObject({
    constraint: 'tasks_verdict_only_when_succeeded',
  });
  await expect(room.store.finishTask({ ...aFailure(claim), failure: null })).rejects.toMatchObject({
    constraint: 'tasks_failure_iff_failed',
  });
  expect(await room.store.findTask(claim.taskId)).toMatchObject({ status: 'running', lastSeq: 2 });
});

test.each([
  [
    'a queued task with a lease',
    `lease_owner = 'w', lease_until = now()`,
    'tasks_lease_iff_worked',
  ],
  ['a queued task that has ended', 'finished_at = now()', 'tasks_finished_iff_terminal'],
  ['a status that nobody knows', `status = 'paused'`, 'tasks_status_known'],
  ['a running task without a lease', `status = 'running'`, 'tasks_lease_iff_worked'],
  ['more lapses than attempts', 'lapses = 1', 'tasks_counts_sane'],
])('the database refuses %s', async (_, assignment, constraint) => {
  const taskId = await room.submitted();
  const write = room.database.query(`update tasks set ${assignment} where id = $1`, [taskId]);
  await expect(write).rejects.toMatchObject({ constraint: expect.stringContaining(constraint) });
});
