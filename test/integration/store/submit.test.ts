import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  anId,
  aPayload,
  aTask,
  openTestStore,
  type TestStore,
  typesOf,
} from '../../support/testStore.ts';

let room: TestStore;
beforeAll(async () => {
  room = await openTestStore();
});
afterAll(() => room.close());

test('a submitted task is queued, unrung, with its first event', async () => {
  const taskId = await room.submitted();
  const view = await room.store.loadView(taskId);
  expect(view).toMatchObject({ status: 'queued', attempt: 0, last_seq: 1, started_at: null });
  expect(await room.events(taskId)).toMatchObject([
    { seq: 1, type: 'task.submitted', data: { language: 'python', goal: 'Add a greeting' } },
  ]);
});

test('a batch is written whole, each task with its own first event', async () => {
  const tasks = Array.from({ length: 50 }, () => aTask());
  const insertions = await room.store.insertTasks(tasks);
  expect(insertions).toEqual(tasks.map(({ id }) => ({ kind: 'inserted', taskId: id })));
  for (const { id } of tasks) expect(typesOf(await room.events(id))).toEqual(['task.submitted']);
});

test('of a batch in which one task cannot be written, none is', async () => {
  const taken = await room.submitted();
  const fresh = aTask();
  await expect(room.store.insertTasks([fresh, aTask({ id: taken })])).rejects.toMatchObject({
    code: '23505',
  });
  expect(await room.store.findTask(fresh.id)).toBeUndefined();
});

test('the same key with the same body is answered with the first task, with another body refused', async () => {
  const apiKeyHash = anId();
  const first = aTask({ apiKeyHash, idempotencyKey: 'order-7' });
  await room.store.insertTasks([first]);
  const again = aTask({ apiKeyHash, idempotencyKey: 'order-7' });
  const other = aTask({ apiKeyHash, idempotencyKey: 'order-7', bodyHash: 'body-2' });
  expect(await room.store.insertTasks([again, other])).toEqual([
    { kind: 'replayed', taskId: first.id },
    { kind: 'mismatch', taskId: first.id },
  ]);
  expect(await room.store.findTask(again.id)).toBeUndefined();
  expect(await room.store.findTask(other.id)).toBeUndefined();
});

test('one key twice in one batch makes one task', async () => {
  const apiKeyHash = anId();
  const [one, two] = [0, 1].map(() => aTask({ apiKeyHash, idempotencyKey: 'twice' }));
  const insertions = await room.store.insertTasks([one, two].filter((task) => task !== undefined));
  expect(insertions.map(({ kind }) => kind)).toEqual(['inserted', 'replayed']);
  expect(new Set(insertions.map(({ taskId }) => taskId)).size).toBe(1);
});

test('twenty submits of one key at once make one task', async () => {
  const apiKeyHash = anId();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      room.store.insertTasks([aTask({ apiKeyHash, idempotencyKey: 'race' })]),
    ),
  );
  const insertions = answers.flat();
  expect(insertions.filter(({ kind }) => kind === 'inserted')).toHaveLength(1);
  expect(insertions.filter(({ kind }) => kind === 'replayed')).toHaveLength(19);
  expect(new Set(insertions.map(({ taskId }) => taskId)).size).toBe(1);
});

test('batches that share keys in opposite order do not block each other', async () => {
  const apiKeyHash = anId();
  const keys = Array.from({ length: 400 }, (_, at) => `key-${at}`);
  const batch = (order: string[]) =>
    order.map((idempotencyKey) => aTask({ apiKeyHash, idempotencyKey }));
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, at) =>
      room.store.insertTasks(batch(at % 2 === 0 ? keys : keys.toReversed())),
    ),
  );
  expect(answers.flat().filter(({ kind }) => kind === 'inserted')).toHaveLength(400);
});

test('one idempotency key of two API keys names two tasks', async () => {
  const mine = aTask({ apiKeyHash: anId(), idempotencyKey: 'same' });
  const yours = aTask({ apiKeyHash: anId(), idempotencyKey: 'same' });
  const insertions = await room.store.insertTasks([mine, yours]);
  expect(insertions.map(({ kind }) => kind)).toEqual(['inserted', 'inserted']);
});

test('a goal with a NUL, a lone surrogate and backslashes comes back as it was', async () => {
  const goal = 'a\u0000b \ud800 c:\\u0000 "quoted" {1,2}';
  const taskId = await room.submitted({ payload: aPayload(goal) });
  const view = await room.store.loadView(taskId);
  expect(view?.payload.input.goal).toBe(goal);
  const { tasks } = await room.store.listTasks({ limit: 1 });
  expect(tasks[0]?.goal).toBe(goal);
});
