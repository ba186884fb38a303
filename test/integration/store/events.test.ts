import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectPostgres } from '../../../lib/db/adapters/pg.ts';
import type { EventSeq, TaskId } from '../../../lib/kernel/ids.ts';
import { createStore } from '../../../lib/store/store.ts';
import type { NewEvent } from '../../../lib/task/event.ts';
import {
  anId,
  aSuccess,
  FROM_THE_START,
  openTestStore,
  type TestStore,
  typesOf,
} from '../../support/testStore.ts';

let room: TestStore;
beforeAll(async () => {
  room = await openTestStore();
});
afterAll(() => room.close());

const log = (text: string): NewEvent => ({
  type: 'log.appended',
  data: { step: 'code.1', source: 'tool', text },
});

test('events get the next numbers in the order in which they were given', async () => {
  const claim = await room.claimed();
  const last = await room.store.appendEvents({ ...claim, events: [log('a'), log('b'), log('c')] });
  expect(last).toBe(5);
  const events = await room.store.eventsAfter(claim.taskId, 2 as EventSeq, 10);
  expect(events).toMatchObject([
    { seq: 3, data: { text: 'a' } },
    { seq: 4, data: { text: 'b' } },
    { seq: 5, data: { text: 'c' } },
  ]);
  expect(events.every(({ task_id, at }) => task_id === claim.taskId && at > 1.7e12)).toBe(true);
});

test('what is read is bounded by the limit, and nothing lies after the last event', async () => {
  const taskId = await room.submitted();
  await room.store.appendEvents({ taskId, events: Array.from({ length: 9 }, () => log('x')) });
  expect(await room.store.eventsAfter(taskId, FROM_THE_START, 4)).toHaveLength(4);
  expect(await room.store.eventsAfter(taskId, 10 as EventSeq, 4)).toEqual([]);
});

test('an append without a fence needs no run, only a task', async () => {
  const taskId = await room.submitted();
  expect(await room.store.appendEvents({ taskId, events: [log('from outside')] })).toBe(2);
  expect(
    await room.store.appendEvents({ taskId: anId(), events: [log('to nobody')] }),
  ).toBeUndefined();
});

test('appending nothing changes nothing and tells where the log ends', async () => {
  const claim = await room.claimed();
  expect(await room.store.appendEvents({ ...claim, events: [] })).toBe(2);
  expect(await room.events(claim.taskId)).toHaveLength(2);
});

test('text that Postgres has no word for comes back as it was', async () => {
  const taskId = await room.submitted();
  const text = '\u0000 \udfff \\u0000 {"a":1} \n\t \u{1f600}';
  await room.store.appendEvents({ taskId, events: [log(text)] });
  expect((await room.events(taskId)).at(-1)).toMatchObject({ data: { text } });
});

test('eight writers on one task leave no gap, and a reader on the way never sees one', async () => {
  const taskId = await room.submitted();
  const WRITERS = 8;
  const EACH = 50;
  let writing = true;
  const read = async (): Promise<number[]> => {
    const seen: number[] = [];
    for (;;) {
      const stillWriting = writing;
      const after = (seen.at(-1) ?? 0) as EventSeq;
      const events = await room.store.eventsAfter(taskId, after, 1_000);
      seen.push(...events.map(({ seq }) => seq));
      if (!stillWriting && events.length === 0) return seen;
    }
  };
  const reading = read();
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      for (let at = 0; at < EACH; at += 1) {
        const events = Array.from({ length: 1 + (at % 3) }, () => log(`${writer}.${at}`));
        await room.store.appendEvents({ taskId, events });
      }
    }),
  );
  writing = false;
  const written = WRITERS * (17 * 1 + 17 * 2 + 16 * 3);
  expect(await reading).toEqual(Array.from({ length: 1 + written }, (_, at) => at + 1));
  expect(await room.store.findTask(taskId)).toMatchObject({ lastSeq: 1 + written });
});

test('a write that fails takes its numbers with it', async () => {
  const taskId = await room.submitted();
  const empty = { type: 'log.appended', data: undefined } as unknown as NewEvent;
  await expect(
    room.store.appendEvents({ taskId, events: [log('first'), empty] }),
  ).rejects.toMatchObject({ code: '23502' });
  await room.store.appendEvents({ taskId, events: [log('next')] });
  expect((await room.events(taskId)).map(({ seq }) => seq)).toEqual([1, 2]);
});

test('the status at each event is the one that the log told until there', async () => {
  const claim = await room.claimed();
  await room.store.appendEvents({ ...claim, events: [log('a')] });
  await room.store.requestCancel(claim.taskId);
  await room.store.confirmCancelled(claim);
  await room.store.resumeTask({ taskId: claim.taskId, from: 'journal' });
  const statuses = await Promise.all(
    [0, 1, 2, 3, 4, 5, 6].map((seq) => room.store.statusAt(claim.taskId, seq as EventSeq)),
  );
  expect(statuses).toEqual([
    'queued',
    'queued',
    'running',
    'running',
    'cancelling',
    'cancelled',
    'queued',
  ]);
  expect(typesOf(await room.events(claim.taskId))).toHaveLength(6);
});

test('listeners of other processes are told after the commit, once per burst and task', async () => {
  const heard: string[] = [];
  const listener = connectPostgres(room.url);
  let onHeard: () => void = () => undefined;
  const listening = await listener.listen(
    'task_events',
    (payload) => {
      heard.push(payload);
      onHeard();
    },
    () => undefined,
  );
  const heardAll = (taskId: TaskId, seq: number) =>
    new Promise<void>((resolve) => {
      onHeard = () => {
        if (heard.includes(`${taskId}:${seq}`)) resolve();
      };
      onHeard();
    });
  const other = createStore(room.database);
  const claim = await room.claimed();
  await Promise.all(
    Array.from({ length: 40 }, () => other.appendEvents({ ...claim, events: [log('x')] })),
  );
  await other.finishTask(aSuccess(claim));
  await other.close();
  await heardAll(claim.taskId, 43);
  const ofTask = heard.filter((payload) => payload.startsWith(claim.taskId));
  expect(ofTask.length).toBeLessThan(40);
  await listening.close();
  await listener.close();
});
