import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../lib/db/db.ts';
import type { EventBatch, EventLog } from '../../lib/events/events.ts';
import type { EventSeq, TaskId } from '../../lib/kernel/ids.ts';
import type { Store } from '../../lib/store/store.ts';
import type { NewEvent, TaskEvent } from '../../lib/task/event.ts';
import { aSuccess, FROM_THE_START, openTestStore, type TestStore } from '../support/testStore.ts';

const log = (text: string): NewEvent => ({
  type: 'log.appended',
  data: { step: 'code.1', source: 'tool', text },
});

const never = () => new AbortController().signal;

/** What every event log promises. */
export function eventLogContract(create: (database: Database, store: Store) => EventLog): void {
  let room: TestStore;
  let eventLog: EventLog;
  beforeEach(async () => {
    room = await openTestStore();
    eventLog = create(room.database, room.store);
  });
  afterEach(async () => {
    await eventLog.close();
    await room.close();
  });

  /** Everything that one follower is given, to the end. */
  async function follow(taskId: TaskId, after = 0, signal = never()): Promise<EventBatch[]> {
    const batches: EventBatch[] = [];
    for await (const batch of eventLog.follow(taskId, after as EventSeq, signal)) {
      batches.push(batch);
    }
    return batches;
  }

  const seqsOf = (batches: EventBatch[]) =>
    batches.flatMap(({ events }) => events.map(({ seq }) => seq));
  const upTo = (last: number, first = 1) =>
    Array.from({ length: last - first + 1 }, (_, at) => first + at);

  /** A follower that is read step by step. */
  function open(taskId: TaskId, after: EventSeq = FROM_THE_START, signal = never()) {
    const batches = eventLog.follow(taskId, after, signal)[Symbol.asyncIterator]();
    const seen: TaskEvent[] = [];
    return {
      seen,
      until: async (seq: number) => {
        while ((seen.at(-1)?.seq ?? 0) < seq) {
          const { value, done } = await batches.next();
          if (done) throw new Error(`the log ended before ${seq}`);
          seen.push(...value.events);
        }
      },
    };
  }

  test('the log of an ended task is replayed whole, and ends', async () => {
    const claim = await room.claimed();
    await room.store.finishTask(aSuccess(claim));
    const batches = await follow(claim.taskId);
    expect(seqsOf(batches)).toEqual([1, 2, 3]);
    expect(batches.map(({ ended }) => ended)).toEqual([true]);
  });

  test('a long log is replayed in bounded batches, and only the last one is the end', async () => {
    const claim = await room.claimed();
    for (let round = 0; round < 5; round += 1) {
      await room.store.appendEvents({
        ...claim,
        events: Array.from({ length: 100 }, () => log('x')),
      });
    }
    await room.store.finishTask(aSuccess(claim));
    const batches = await follow(claim.taskId);
    expect(seqsOf(batches)).toEqual(upTo(503));
    expect(batches.length).toBeGreaterThan(1);
    expect(batches.filter(({ ended }) => ended)).toEqual([batches.at(-1)]);
  });

  test('a cursor at the end of an ended task gets an empty, last batch', async () => {
    const claim = await room.claimed();
    await room.store.finishTask(aSuccess(claim));
    expect(await follow(claim.taskId, 3)).toEqual([{ events: [], ended: true }]);
  });

  test('a follower is given what comes while it follows, until the task ends', async () => {
    const claim = await room.claimed();
    const following = follow(claim.taskId, 1);
    await room.store.appendEvents({ ...claim, events: [log('a')] });
    await room.store.appendEvents({ ...claim, events: [log('b'), log('c')] });
    await room.store.finishTask(aSuccess(claim));
    const batches = await following;
    expect(seqsOf(batches)).toEqual(upTo(6, 2));
    expect(batches.at(-1)?.ended).toBe(true);
  });

  test('a cancel of a queued task reaches its follower', async () => {
    const taskId = await room.submitted();
    const following = follow(taskId);
    await room.store.requestCancel(taskId);
    expect(seqsOf(await following)).toEqual([1, 2]);
  });

  test('a resumed task goes on in the same log, for a follower that comes back with its cursor', async () => {
    const taskId = await room.submitted();
    await room.store.requestCancel(taskId);
    expect(seqsOf(await follow(taskId))).toEqual([1, 2]);
    await room.store.resumeTask({ taskId, from: 'journal' });
    const following = follow(taskId, 2);
    await room.store.requestCancel(taskId);
    expect(seqsOf(await following)).toEqual([3, 4]);
  });

  test('an aborted follower ends without an error', async () => {
    const taskId = await room.submitted();
    const leaving = new AbortController();
    const follower = open(taskId, FROM_THE_START, leaving.signal);
    await follower.until(1);
    const waiting = follow(taskId, 1, leaving.signal);
    leaving.abort();
    expect(await waiting).toEqual([]);
  });

  test('a follower whose reader has left already is given nothing', async () => {
    const taskId = await room.submitted();
    expect(await follow(taskId, 0, AbortSignal.abort())).toEqual([]);
  });

  test('closing the log ends its followers', async () => {
    const taskId = await room.submitted();
    const follower = open(taskId);
    await follower.until(1);
    const waiting = follow(taskId, 1);
    await eventLog.close();
    expect(await waiting).toEqual([]);
    expect(await follow(taskId)).toEqual([]);
  });

  test('many followers of one task, at different cursors, each get every event once', async () => {
    const claim = await room.claimed();
    const following = Array.from({ length: 20 }, (_, at) => follow(claim.taskId, at % 3));
    for (let round = 0; round < 30; round += 1) {
      await room.store.appendEvents({ ...claim, events: [log(`${round}`)] });
    }
    await room.store.finishTask(aSuccess(claim));
    const seen = (await Promise.all(following)).map(seqsOf);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => upTo(33, (at % 3) + 1)));
  });

  test('what one follower does to its batch, another does not see', async () => {
    const claim = await room.claimed();
    const followers = Array.from({ length: 5 }, () =>
      eventLog.follow(claim.taskId, FROM_THE_START, never())[Symbol.asyncIterator](),
    );
    await Promise.all(followers.map((follower) => follower.next()));
    const waiting = followers.map((follower) => follower.next());
    await room.store.appendEvents({ ...claim, events: [log('a')] });
    for (const { value } of await Promise.all(waiting)) {
      expect(value.events.splice(0).map(({ seq }: TaskEvent) => seq)).toEqual([3]);
    }
    await Promise.all(followers.map((follower) => follower.return?.()));
  });

  test('followers miss nothing and see nothing twice when Postgres cuts every connection', async () => {
    const claim = await room.claimed();
    const following = Array.from({ length: 5 }, () => follow(claim.taskId));
    const append = async (text: string) => {
      for (;;) {
        try {
          return await room.store.appendEvents({ ...claim, events: [log(text)] });
        } catch {
          // Cut off too: asked again, as a worker would.
        }
      }
    };
    for (let round = 0; round < 40; round += 1) {
      await append(`${round}`);
      if (round % 10 === 5) await cutConnections(room.database);
    }
    await room.store
      .finishTask(aSuccess(claim))
      .catch(() => room.store.finishTask(aSuccess(claim)));
    const last = (await room.store.findTask(claim.taskId))?.lastSeq ?? 0;
    for (const batches of await Promise.all(following)) expect(seqsOf(batches)).toEqual(upTo(last));
  });
}

async function cutConnections(database: Database): Promise<void> {
  await database
    .query(
      `select pg_terminate_backend(pid)
       from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    )
    .catch(() => undefined);
}
