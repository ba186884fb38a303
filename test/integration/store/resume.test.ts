import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  aFailure,
  anId,
  aStep,
  aSuccess,
  openTestStore,
  TERMS,
  type TestStore,
} from '../../support/testStore.ts';

let room: TestStore;
beforeAll(async () => {
  room = await openTestStore();
});
afterAll(() => room.close());

/** A failed task whose journal says: baseline done, code.1 done, smoke.1 failed, code.2 done. */
async function failedTask() {
  const claim = await room.claimed();
  for (const [key, ok] of [
    ['baseline', true],
    ['code.1', true],
    ['smoke.1', false],
    ['code.2', true],
  ] as const) {
    await room.store.recordStep(aStep(claim, { key, ok }));
  }
  await room.store.finishTask(aFailure(claim));
  return claim;
}

async function journal(taskId: Parameters<typeof room.store.loadSteps>[0]) {
  return (await room.store.loadSteps(taskId)).map(({ key }) => key);
}

test('a failed task goes back to the queue and keeps its journal up to the first failed step', async () => {
  const { taskId } = await failedTask();
  expect(await room.store.resumeTask({ taskId, from: 'journal' })).toEqual({ kind: 'resumed' });
  expect(await journal(taskId)).toEqual(['baseline', 'code.1']);
  expect(await room.store.loadView(taskId)).toMatchObject({
    status: 'queued',
    failure: null,
    result: null,
    started_at: null,
    finished_at: null,
  });
  expect((await room.events(taskId)).at(-1)).toMatchObject({
    type: 'task.resumed',
    data: { from: 'journal' },
  });
});

test('a resume from the start drops the journal', async () => {
  const { taskId } = await failedTask();
  await room.store.resumeTask({ taskId, from: 'start' });
  expect(await journal(taskId)).toEqual([]);
});

test('a journal without a failed step is kept whole', async () => {
  const claim = await room.claimed();
  await room.store.recordStep(aStep(claim, { key: 'code.1' }));
  await room.store.requestCancel(claim.taskId);
  await room.store.confirmCancelled(claim);
  await room.store.resumeTask({ taskId: claim.taskId, from: 'journal' });
  expect(await journal(claim.taskId)).toEqual(['code.1']);
});

test('the time budget starts anew at the next claim and no lapse is held against the task', async () => {
  const claim = await room.claimed();
  await room.lapse(claim.taskId);
  const second = await room.store.claimTask({ ...TERMS, taskId: claim.taskId });
  if (second === undefined) throw new Error('the lapsed run was not claimed');
  await room.store.finishTask(aFailure(second));
  await room.store.resumeTask({ taskId: claim.taskId, from: 'journal' });
  expect(await room.store.findTask(claim.taskId)).toMatchObject({ lapses: 0 });
  const third = await room.store.claimTask({ ...TERMS, taskId: claim.taskId });
  expect(third?.attempt).toBe(3);
  expect(third?.startedAt).toBeGreaterThan(claim.startedAt);
});

test('a resumed task queues behind those that wait already', async () => {
  const { taskId } = await failedTask();
  const waiting = await room.submitted();
  await room.store.resumeTask({ taskId, from: 'journal' });
  const [ahead, behind] = [await room.store.loadView(waiting), await room.store.loadView(taskId)];
  expect(behind?.queue_position).toBe((ahead?.queue_position ?? 0) + 1);
});

test('a patch of the run before does not outlive the resume', async () => {
  const claim = await room.claimed();
  await room.store.requestCancel(claim.taskId);
  const success = aSuccess(claim);
  const apply = { state: 'not_applied' as const, why: 'cancelled', paths: [] };
  await room.store.finishTask({ ...success, result: { ...success.result, apply } });
  expect(await room.store.loadPatch(claim.taskId)).toMatchObject({ tree_hash: 'tree' });
  await room.store.resumeTask({ taskId: claim.taskId, from: 'journal' });
  expect(await room.store.loadPatch(claim.taskId)).toBeUndefined();
});

test('a task that runs, waits or has succeeded cannot be resumed, and an unknown one is missing', async () => {
  const running = await room.claimed();
  const queued = await room.submitted();
  const succeeded = await room.claimed();
  await room.store.finishTask(aSuccess(succeeded));
  const resume = (taskId: typeof queued) => room.store.resumeTask({ taskId, from: 'journal' });
  expect(await resume(running.taskId)).toEqual({ kind: 'conflict', status: 'running' });
  expect(await resume(queued)).toEqual({ kind: 'conflict', status: 'queued' });
  expect(await resume(succeeded.taskId)).toEqual({ kind: 'conflict', status: 'succeeded' });
  expect(await resume(anId())).toEqual({ kind: 'missing' });
});

test('ten resumes at once make one', async () => {
  const { taskId } = await failedTask();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => room.store.resumeTask({ taskId, from: 'journal' })),
  );
  expect(answers.filter(({ kind }) => kind === 'resumed')).toHaveLength(1);
});
