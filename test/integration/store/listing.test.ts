import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TaskId } from '../../../lib/kernel/ids.ts';
import {
  aFailure,
  anId,
  aPayload,
  aSuccess,
  openTestStore,
  type TestStore,
} from '../../support/testStore.ts';

let room: TestStore;
beforeEach(async () => {
  room = await openTestStore();
});
afterEach(() => room.close());

async function submitMany(count: number): Promise<TaskId[]> {
  const ids: TaskId[] = [];
  for (let at = 0; at < count; at += 1) ids.push(await room.submitted());
  return ids.toSorted();
}

test('pages go from the newest task to the oldest and end without a cursor', async () => {
  const ids = await submitMany(5);
  const first = await room.store.listTasks({ limit: 3 });
  expect(first.tasks.map(({ task_id }) => task_id)).toEqual(ids.toReversed().slice(0, 3));
  const second = await room.store.listTasks({ limit: 3, before: first.nextBefore });
  expect(second.tasks.map(({ task_id }) => task_id)).toEqual(ids.toReversed().slice(3));
  expect(second.nextBefore).toBeUndefined();
});

test('a full last page has no cursor', async () => {
  await submitMany(2);
  expect((await room.store.listTasks({ limit: 2 })).nextBefore).toBeUndefined();
});

test('tasks that are submitted while pages are turned shift nothing', async () => {
  const ids = await submitMany(6);
  const seen: string[] = [];
  let before: TaskId | undefined;
  do {
    const page = await room.store.listTasks({ limit: 2, before });
    seen.push(...page.tasks.map(({ task_id }) => task_id));
    before = page.nextBefore;
    await room.submitted();
  } while (before !== undefined);
  expect(seen).toEqual(ids.toReversed());
});

test('filters by status, verdict and language hold together', async () => {
  const queued = await room.submitted({ payload: aPayload('a', 'go') });
  const failed = await room.claimed();
  await room.store.finishTask(aFailure(failed));
  const verified = await room.claimed({ payload: aPayload('b', 'go') });
  await room.store.finishTask(aSuccess(verified));
  const ids = async (query: Partial<Parameters<typeof room.store.listTasks>[0]>) =>
    (await room.store.listTasks({ limit: 10, ...query })).tasks.map(({ task_id }) => task_id);
  expect(await ids({ status: 'failed' })).toEqual([failed.taskId]);
  expect(await ids({ verdict: 'verified' })).toEqual([verified.taskId]);
  expect(await ids({ language: 'go' })).toEqual([verified.taskId, queued]);
  expect(await ids({ language: 'go', status: 'queued' })).toEqual([queued]);
  expect(await ids({ language: 'java' })).toEqual([]);
});

test('a summary tells what a task is and how it went', async () => {
  const claim = await room.claimed();
  await room.store.finishTask(aSuccess(claim));
  const { tasks } = await room.store.listTasks({ limit: 1 });
  expect(tasks).toEqual([
    {
      task_id: claim.taskId,
      status: 'succeeded',
      verdict: { name: 'verified', summary: 'All tests pass.' },
      failure: null,
      attempt: 1,
      language: 'python',
      goal: 'Add a greeting',
      submitted_at: expect.stringMatching(/Z$/),
      finished_at: expect.stringMatching(/Z$/),
    },
  ]);
});

test('a queued task knows how many are ahead of it; others have no place', async () => {
  const [first, second, third] = [
    await room.submitted(),
    await room.submitted(),
    await room.submitted(),
  ];
  const place = async (id: TaskId) => (await room.store.loadView(id))?.queue_position;
  expect([await place(first), await place(second), await place(third)]).toEqual([0, 1, 2]);
  await room.store.requestCancel(first);
  expect([await place(first), await place(second), await place(third)]).toEqual([null, 0, 1]);
});

test('the view carries the trace id and the links', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const taskId = await room.submitted({ traceparent });
  expect(await room.store.loadView(taskId)).toMatchObject({
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    links: { self: `/v1/tasks/${taskId}`, stream: `/v1/stream/${taskId}` },
  });
});

test('an unknown task has neither view nor record nor patch', async () => {
  const unknown = anId();
  expect(await room.store.loadView(unknown)).toBeUndefined();
  expect(await room.store.findTask(unknown)).toBeUndefined();
  expect(await room.store.loadPatch(unknown)).toBeUndefined();
});

test('feedback is taken for a known task, comment and tags as they came, and refused for an unknown one', async () => {
  const taskId = await room.submitted();
  const feedback = {
    outcome: 'edited',
    rating: 4,
    comment: 'good \u0000 but',
    tags: ['style'],
    apiKeyHash: 'key-1',
  } as const;
  const tags = [...feedback.tags];
  const given = await room.store.insertFeedback({ ...feedback, tags, task_id: taskId });
  const [row] = await room.database.query('select * from feedback where id = $1', [
    given?.feedbackId,
  ]);
  expect(row).toMatchObject({
    task_id: taskId,
    outcome: 'edited',
    rating: 4,
    body: { comment: 'good \u0000 but', tags: ['style'] },
  });
  expect(await room.store.insertFeedback({ ...feedback, tags, task_id: anId() })).toBeUndefined();
});
