import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStore } from '../../../lib/store/store.ts';
import type { NewEvent } from '../../../lib/task/event.ts';
import {
  aFailure,
  aPayload,
  aStep,
  aSuccess,
  aTask,
  openTestStore,
  type TestStore,
} from '../../support/testStore.ts';

let room: TestStore;
beforeEach(async () => {
  room = await openTestStore();
});
afterEach(() => room.close());

const oracle = (step: string, phase: 'compile' | 'smoke', status: 'pass' | 'fail'): NewEvent => ({
  type: 'oracle.finished',
  data: {
    step,
    phase,
    status,
    tool: 'python',
    argv: ['python'],
    exit: 0,
    ms: 100,
    tests: null,
    suite_ran: true,
    diagnostics: [],
    tree_hash: 'tree',
  },
});

const routed: NewEvent = {
  type: 'model.routed',
  data: {
    model: 'qwen',
    provider: 'openai-compatible',
    llm: true,
    why: 'fits',
    refused: [{ model: 'llama', reasons: ['VRAM'] }],
  },
};

const replayed: NewEvent = {
  type: 'step.finished',
  data: { step: 'code.1', outcome: 'replayed', ms: 0, tokens: 7 },
};

/** One task that succeeds, one that fails, one that waits. */
async function someWork() {
  const good = await room.claimed();
  await room.store.appendEvents({
    ...good,
    events: [
      routed,
      oracle('baseline', 'compile', 'fail'),
      oracle('compile.1', 'compile', 'pass'),
      oracle('smoke.1', 'smoke', 'fail'),
      oracle('smoke.2', 'smoke', 'pass'),
      replayed,
      { type: 'write.denied', data: { path: 'x', target: '/etc', reason: 'outside' } },
      { type: 'exec.denied', data: { tool: 'curl', reason: 'not allowed' } },
      { type: 'exec.denied', data: { tool: 'nc', reason: 'not allowed' } },
    ],
  });
  await room.store.recordStep(aStep(good));
  await room.store.recordStep(aStep(good, { key: 'code.2' }));
  await room.store.finishTask(aSuccess(good));
  const bad = await room.claimed();
  await room.store.finishTask(aFailure(bad));
  await room.submitted();
}

const TOTALS = {
  submitted: 3,
  finished: [
    { status: 'failed', verdict: null, count: 1 },
    { status: 'succeeded', verdict: 'verified', count: 1 },
  ],
  routes: [
    { model: 'llama', outcome: 'refused', count: 1 },
    { model: 'qwen', outcome: 'chosen', count: 1 },
  ],
  oracles: [
    { phase: 'compile', status: 'pass', count: 1, ms: 100 },
    { phase: 'smoke', status: 'fail', count: 1, ms: 100 },
    { phase: 'smoke', status: 'pass', count: 1, ms: 100 },
  ],
  baselines: [{ phase: 'compile', status: 'fail', count: 1, ms: 100 }],
  steps: [
    { kind: 'code', outcome: 'done', count: 2, ms: 22 },
    { kind: 'code', outcome: 'replayed', count: 1, ms: 0 },
  ],
  tokens: [{ kind: 'code', count: 14 }],
  denials: [
    { kind: 'exec', count: 2 },
    { kind: 'write', count: 1 },
  ],
};

test('an empty database has no numbers', async () => {
  expect(await room.store.metricsSnapshot()).toEqual({
    tasks: [],
    oldestQueuedMs: null,
    submitted: 0,
    finished: [],
    routes: [],
    oracles: [],
    baselines: [],
    steps: [],
    tokens: [],
    denials: [],
  });
});

test('what happened is counted once, whichever process wrote or asks', async () => {
  await someWork();
  const { tasks, oldestQueuedMs, ...totals } = await createStore(room.database).metricsSnapshot();
  expect(totals).toEqual(TOTALS);
  expect(tasks).toEqual([
    { status: 'failed', verdict: null, count: 1 },
    { status: 'queued', verdict: null, count: 1 },
    { status: 'succeeded', verdict: 'verified', count: 1 },
  ]);
  expect(oldestQueuedMs).toBeGreaterThan(0);
});

test('a task that ends twice, by a resume, is two ends and one submit', async () => {
  const claim = await room.claimed();
  await room.store.requestCancel(claim.taskId);
  await room.store.confirmCancelled(claim);
  await room.store.resumeTask({ taskId: claim.taskId, from: 'start' });
  await room.store.requestCancel(claim.taskId);
  const { submitted, finished } = await room.store.metricsSnapshot();
  expect(submitted).toBe(1);
  expect(finished).toEqual([{ status: 'cancelled', verdict: null, count: 2 }]);
});

test('a submit that is answered by an earlier task is not counted', async () => {
  const submit = () => room.store.insertTasks([aTask({ idempotencyKey: 'once' })]);
  await submit();
  await submit();
  expect((await room.store.metricsSnapshot()).submitted).toBe(1);
});

test('retention deletes ended tasks with all that belongs to them, and no total goes down', async () => {
  await someWork();
  await room.database.query(
    `update tasks set finished_at = now() - interval '31 days' where finished_at is not null`,
  );
  expect(await room.store.deleteExpired(30)).toEqual({ deleted: 2 });
  const { tasks, oldestQueuedMs: _, ...totals } = await room.store.metricsSnapshot();
  expect(totals).toEqual(TOTALS);
  expect(tasks).toEqual([{ status: 'queued', verdict: null, count: 1 }]);
  for (const table of ['steps', 'artifacts']) {
    expect(await room.database.query(`select task_id from ${table}`)).toEqual([]);
  }
  await someWork();
  await room.store.deleteExpired(30);
  const doubled = await room.store.metricsSnapshot();
  expect(doubled.submitted).toBe(6);
  expect(doubled.tokens).toEqual([{ kind: 'code', count: 28 }]);
});

test('retention leaves what is younger, and what has not ended', async () => {
  await someWork();
  const old = await room.submitted({ payload: aPayload('waiting for long') });
  await room.database.query(
    `update tasks set submitted_at = now() - interval '90 days' where id = $1`,
    [old],
  );
  expect(await room.store.deleteExpired(30)).toEqual({ deleted: 0 });
  expect(await room.store.findTask(old)).toBeDefined();
});

test('an idempotency key is free again once retention has deleted its task', async () => {
  const first = aTask({ idempotencyKey: 'order-1' });
  await room.store.insertTasks([first]);
  await room.store.requestCancel(first.id);
  await room.database.query(`update tasks set finished_at = now() - interval '31 days'`);
  await room.store.deleteExpired(30);
  const [insertion] = await room.store.insertTasks([aTask({ idempotencyKey: 'order-1' })]);
  expect(insertion?.kind).toBe('inserted');
});

test('totals are never seen going down while they are folded and written', async () => {
  let folding = true;
  const fold = async () => {
    for (let round = 0; round < 15; round += 1) await room.store.deleteExpired(30);
    folding = false;
  };
  const write = async () => {
    while (folding) await room.store.insertTasks([aTask()]);
  };
  const watch = async () => {
    const seen: number[] = [];
    while (folding) seen.push((await room.store.metricsSnapshot()).submitted);
    return seen;
  };
  const [, , seen] = await Promise.all([fold(), write(), watch(), fold()]);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  const [row] = await room.database.query('select count(*)::int as count from tasks');
  expect((await room.store.metricsSnapshot()).submitted).toBe(row?.['count']);
});
