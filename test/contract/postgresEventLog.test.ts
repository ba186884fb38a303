import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresEventLog, watchTasks } from '../../lib/events/adapters/postgres.ts';
import type { EventSeq } from '../../lib/kernel/ids.ts';
import { createStore } from '../../lib/store/store.ts';
import { openTestStore, type TestStore } from '../support/testStore.ts';
import { eventLogContract } from './eventLog.ts';

describe('the event log that listens', () => {
  eventLogContract((database, store) => createPostgresEventLog(database, store));
});

describe('the event log that listens, where no notice arrives', () => {
  eventLogContract((database, store) =>
    createPostgresEventLog(
      { ...database, listen: async () => ({ close: async () => undefined }) },
      store,
      { safetyPollMs: 50 },
    ),
  );
});

describe('listening', () => {
  let room: TestStore;
  beforeAll(async () => {
    room = await openTestStore();
  });
  afterAll(() => room.close());

  const never = () => new AbortController().signal;
  const SLOW_POLL = { safetyPollMs: 600_000 };

  test('news reaches a follower by notice, long before the safety poll', async () => {
    const eventLog = createPostgresEventLog(room.database, room.store, SLOW_POLL);
    const taskId = await room.submitted();
    const batches = eventLog.follow(taskId, 1 as EventSeq, never())[Symbol.asyncIterator]();
    const next = batches.next();
    await room.store.requestCancel(taskId);
    expect((await next).value).toMatchObject({ events: [{ seq: 2 }], ended: true });
    await eventLog.close();
  });

  test('followers of one place share one read', async () => {
    let reads = 0;
    const counted = {
      statusAt: room.store.statusAt,
      eventsAfter: (...place: Parameters<typeof room.store.eventsAfter>) => {
        reads += 1;
        return room.store.eventsAfter(...place);
      },
    };
    const eventLog = createPostgresEventLog(room.database, counted, SLOW_POLL);
    const taskId = await room.submitted();
    const followers = Array.from({ length: 50 }, () =>
      eventLog.follow(taskId, 0 as EventSeq, never())[Symbol.asyncIterator](),
    );
    const first = await Promise.all(followers.map((follower) => follower.next()));
    expect(first.every(({ value }) => value.events.length === 1)).toBe(true);
    const before = reads;
    const second = followers.map((follower) => follower.next());
    await room.store.requestCancel(taskId);
    for (const { value } of await Promise.all(second)) expect(value.events).toHaveLength(1);
    expect(reads - before).toBeLessThanOrEqual(2);
    await eventLog.close();
  });

  test('what was written while nobody could be told is found when the connection is back', async () => {
    const eventLog = createPostgresEventLog(room.database, room.store, SLOW_POLL);
    const taskId = await room.submitted();
    const batches = eventLog.follow(taskId, 0 as EventSeq, never())[Symbol.asyncIterator]();
    await batches.next();
    const next = batches.next();
    await room.database.query(
      `select pg_terminate_backend(pid)
       from pg_stat_activity
       where datname = current_database() and query like 'listen%'`,
    );
    await room.store.requestCancel(taskId);
    expect((await next).value).toMatchObject({ events: [{ seq: 2 }], ended: true });
    await eventLog.close();
  });

  test('a worker that watches hears of a cancel at once, from another process', async () => {
    const { taskId } = await room.claimed();
    let hear: (seq: number) => void = () => undefined;
    const heard = new Promise<number>((resolve) => {
      hear = resolve;
    });
    const watch = await watchTasks(room.database, (id, seq) => {
      if (id === taskId && seq === 3) hear(seq);
    });
    await createStore(room.database).requestCancel(taskId);
    expect(await heard).toBe(3);
    await watch.close();
  });

  test('an abort is honoured although the database does not answer', async () => {
    const eventLog = createPostgresEventLog(
      { ...room.database, listen: () => new Promise(() => undefined) },
      room.store,
    );
    const taskId = await room.submitted();
    const leaving = new AbortController();
    const batches = eventLog.follow(taskId, 0 as EventSeq, leaving.signal)[Symbol.asyncIterator]();
    const next = batches.next();
    leaving.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});
