import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TaskId } from '../../../lib/kernel/ids.ts';
import type { Finish } from '../../../lib/store/finishTask.ts';
import type { PatchClaim } from '../../../lib/store/patchWork.ts';
import type { TaskResult } from '../../../lib/task/view.ts';
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

type State = TaskResult['apply']['state'];

async function ended(state: State, given: Partial<Finish> = {}): Promise<TaskId> {
  const claim = await room.claimed();
  const success = aSuccess(claim);
  const result = { ...success.result, apply: { state, why: 'a test', paths: [] } };
  await room.store.finishTask({ ...success, result, ...given });
  return claim.taskId;
}

async function claimOf(taskId: TaskId, leaseMs = 60_000): Promise<PatchClaim | undefined> {
  const claims = await room.store.claimPatchRequests({ owner: 'worker-1', leaseMs, limit: 100 });
  return claims.find((claim) => claim.taskId === taskId);
}

async function mustClaim(taskId: TaskId, leaseMs?: number): Promise<PatchClaim> {
  const claim = await claimOf(taskId, leaseMs);
  if (claim === undefined) throw new Error('the request was not claimed');
  return claim;
}

function applied({ taskId, fence, result }: PatchClaim) {
  const apply = { state: 'applied' as const, why: 'asked', paths: ['a.py'] };
  const event = { type: 'patch.applied' as const, data: { paths: ['a.py'] } };
  return { taskId, fence, event, result: { ...result, apply } };
}

describe('a request for the patch of an ended task', () => {
  test('is shown, rung for, claimed once, and ends with its event and the new state', async () => {
    const taskId = await ended('not_applied');
    expect(await room.store.requestPatch({ taskId, request: 'apply' })).toMatchObject({
      kind: 'accepted',
      lastSeq: 3,
    });
    expect(await room.store.loadView(taskId)).toMatchObject({ patch_request: 'apply' });
    const { due } = await room.store.sweep({ maxAttempts: 3, limit: 100 });
    expect(due.map((ring) => ring.taskId)).toContain(taskId);
    await room.store.markDispatched([taskId]);
    const again = await room.store.sweep({ maxAttempts: 3, limit: 100 });
    expect(again.due.map((ring) => ring.taskId)).not.toContain(taskId);
    const claim = await mustClaim(taskId);
    expect(claim).toMatchObject({ request: 'apply', tries: 1 });
    expect(await claimOf(taskId)).toBeUndefined();
    expect(await room.store.settlePatchRequest(applied(claim))).toBe('settled');
    expect(await room.store.loadView(taskId)).toMatchObject({
      status: 'succeeded',
      patch_request: null,
      result: { apply: { state: 'applied' } },
    });
    expect(typesOf(await room.events(taskId)).at(-1)).toBe('patch.applied');
  });

  test('asked again before it is done is the same request, and another one has to wait', async () => {
    const taskId = await ended('not_applied');
    const asked = await Promise.all(
      Array.from({ length: 8 }, () => room.store.requestPatch({ taskId, request: 'apply' })),
    );
    expect(asked.map(({ kind }) => kind)).toEqual(Array(8).fill('accepted'));
    expect(await room.store.requestPatch({ taskId, request: 'check' })).toEqual({
      kind: 'refused',
      reason: 'another_request',
    });
  });

  test.each([
    { request: 'apply', state: 'applied', reason: 'already_applied' },
    { request: 'check', state: 'applied', reason: 'already_applied' },
    { request: 'revert', state: 'not_applied', reason: 'not_applied' },
    { request: 'revert', state: 'reverted', reason: 'not_applied' },
    { request: 'revert', state: 'conflicted', reason: 'not_applied' },
  ] as const)(
    '$request is refused when the patch is $state',
    async ({ request, state, reason }) => {
      const taskId = await ended(state);
      const answer = await room.store.requestPatch({ taskId, request });
      expect(answer).toEqual({ kind: 'refused', reason });
    },
  );

  test.each(['not_applied', 'conflicted', 'reverted'] as const)(
    'an apply is possible when the patch is %s',
    async (state) => {
      const taskId = await ended(state);
      const answer = await room.store.requestPatch({ taskId, request: 'apply' });
      expect(answer.kind).toBe('accepted');
    },
  );

  test('is refused while the task runs, of a task that changed nothing, and of none', async () => {
    const running = await room.claimed();
    const patch = { base_tree_hash: 'a', tree_hash: 'a', changes: [] };
    const idle = await ended('not_applied', { patch });
    const without = await ended('not_applied', { patch: null });
    const ask = (taskId: TaskId) => room.store.requestPatch({ taskId, request: 'apply' });
    expect(await ask(running.taskId)).toEqual({ kind: 'refused', reason: 'not_ended' });
    expect(await ask(idle)).toEqual({ kind: 'refused', reason: 'nothing_to_apply' });
    expect(await ask(without)).toEqual({ kind: 'refused', reason: 'nothing_to_apply' });
    expect(await ask(anId())).toEqual({ kind: 'missing' });
  });
});

describe('a worker that carries it out', () => {
  test('and is lost is followed by another one, and can write nothing more', async () => {
    const taskId = await ended('not_applied');
    await room.store.requestPatch({ taskId, request: 'apply' });
    const lost = await mustClaim(taskId);
    await room.lapse(taskId);
    const next = await mustClaim(taskId);
    expect(next).toMatchObject({ tries: 2 });
    expect(await room.store.settlePatchRequest(applied(lost))).toBe('lost');
    expect(await room.store.settlePatchRequest(applied(next))).toBe('settled');
    expect(typesOf(await room.events(taskId)).filter((type) => type === 'patch.applied')).toEqual([
      'patch.applied',
    ]);
  });

  test('and finds the workspace busy gives it back without a try counted', async () => {
    const taskId = await ended('not_applied');
    await room.store.requestPatch({ taskId, request: 'apply' });
    const { fence } = await mustClaim(taskId);
    await room.store.postponePatchRequest({ taskId, fence, waitMs: 60_000 });
    expect(await claimOf(taskId)).toBeUndefined();
    await room.lapse(taskId);
    expect(await mustClaim(taskId)).toMatchObject({ tries: 1 });
  });
});

describe('a resume', () => {
  test('waits for a patch in the workspace to be taken out, so that nothing stays unknown there', async () => {
    const claim = await room.claimed();
    const { patch, result } = aSuccess(claim);
    const apply = { state: 'not_applied' as const, why: 'failed', paths: [] };
    await room.store.finishTask({ ...aFailure(claim), patch, result: { ...result, apply } });
    const { taskId } = claim;
    const resume = () => room.store.resumeTask({ taskId, from: 'journal' });
    await room.store.requestPatch({ taskId, request: 'apply' });
    expect(await resume()).toEqual({ kind: 'conflict', status: 'failed' });
    await room.store.settlePatchRequest(applied(await mustClaim(taskId)));
    expect(await resume()).toEqual({ kind: 'conflict', status: 'failed' });
    await room.store.requestPatch({ taskId, request: 'revert' });
    const revert = await mustClaim(taskId);
    const event = { type: 'patch.reverted' as const, data: { paths: ['a.py'] } };
    const reverted = { ...revert.result, apply: { ...apply, state: 'reverted' as const } };
    await room.store.settlePatchRequest({ ...revert, event, result: reverted });
    expect(await resume()).toEqual({ kind: 'resumed' });
    expect(await room.store.requestPatch({ taskId, request: 'apply' })).toEqual({
      kind: 'refused',
      reason: 'not_ended',
    });
    expect(await room.store.claimTask({ ...TERMS, taskId })).toMatchObject({ attempt: 2 });
  });
});
