import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventBatch } from '../../../lib/events/events.ts';
import { Follower, type LogPlace, type LogReader } from '../../../lib/events/follower.ts';
import { Refusal } from '../../../lib/kernel/errors.ts';
import type { EventSeq, TaskId } from '../../../lib/kernel/ids.ts';
import type { TaskEvent } from '../../../lib/task/event.ts';

const taskId = '01a2026e-86d9-7463-b175-d87d63a2fd96' as TaskId;

const logged = (seq: number): TaskEvent => ({
  task_id: taskId,
  seq,
  at: 0,
  type: 'log.appended',
  data: { step: 'code.1', source: 'tool', text: String(seq) },
});

const finished = (seq: number): TaskEvent => ({
  task_id: taskId,
  seq,
  at: 0,
  type: 'task.finished',
  data: { status: 'cancelled', verdict: null, failure: null },
});

/** A log in memory whose reads can be held back or refused. */
class Log implements LogReader {
  readonly events: TaskEvent[] = [];
  reads = 0;
  refusals = 0;
  async statusAt() {
    return 'running' as const;
  }
  async eventsAfter({ seq, limit }: LogPlace) {
    this.reads += 1;
    if (this.refusals > 0) {
      this.refusals -= 1;
      throw new Refusal('unavailable', 'away', { code: 'database_unavailable' });
    }
    const seen = this.events.filter((event) => event.seq > seq).slice(0, limit);
    // The answer travels: what is written meanwhile is not in it.
    await Promise.resolve();
    return seen;
  }
}

function followerOf(log: Log, signal = new AbortController().signal, after = 0) {
  return new Follower({ reader: log, taskId, afterSeq: after as EventSeq, signal });
}

async function collect(follower: Follower): Promise<EventBatch[]> {
  const batches: EventBatch[] = [];
  for await (const batch of follower.batches()) batches.push(batch);
  return batches;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('whatever the interleaving of writes and notices, every event is given once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          events: fc.integer({ min: 1, max: 3 }),
          turns: fc.integer({ min: 0, max: 3 }),
        }),
        {
          maxLength: 30,
        },
      ),
      async (writes) => {
        const log = new Log();
        const follower = followerOf(log);
        const collected = collect(follower);
        for (const { events, turns } of writes) {
          for (let at = 0; at < events; at += 1) log.events.push(logged(log.events.length + 1));
          follower.notice(log.events.length);
          for (let at = 0; at < turns; at += 1) await Promise.resolve();
        }
        log.events.push(finished(log.events.length + 1));
        follower.notice(log.events.length);
        const seqs = (await collected).flatMap((batch) => batch.events.map(({ seq }) => seq));
        expect(seqs).toEqual(log.events.map(({ seq }) => seq));
      },
    ),
    { numRuns: 200 },
  );
});

test('a notice of what is known already causes no read', async () => {
  const log = new Log();
  log.events.push(logged(1), logged(2));
  const leaving = new AbortController();
  const follower = followerOf(log, leaving.signal);
  const collected = collect(follower);
  await turn();
  const before = log.reads;
  follower.notice(1);
  follower.notice(2);
  await turn();
  expect(log.reads).toBe(before);
  leaving.abort();
  await collected;
});

test('a notice of events that are not there is looked at once, not again and again', async () => {
  const log = new Log();
  const leaving = new AbortController();
  const follower = followerOf(log, leaving.signal);
  const collected = collect(follower);
  await turn();
  follower.notice(7);
  await turn();
  await turn();
  expect(log.reads).toBeLessThanOrEqual(3);
  leaving.abort();
  await collected;
});

test('an outage is waited out, and ends with the next sign of life', async () => {
  const log = new Log();
  log.refusals = 2;
  log.events.push(logged(1), finished(2));
  const follower = followerOf(log);
  const collected = collect(follower);
  for (let tries = 0; tries < 3; tries += 1) {
    await turn();
    follower.notice(2);
  }
  expect((await collected).flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual([1, 2]);
});

test('an error that is no outage ends the follower with that error', async () => {
  const log = new Log();
  log.eventsAfter = () => Promise.reject(new Error('broken row'));
  await expect(collect(followerOf(log))).rejects.toThrow('broken row');
});

test('a follower that is stopped leaves no listener on its signal', async () => {
  const leaving = new AbortController();
  let listeners = 0;
  const { signal } = leaving;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener: (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    },
    removeEventListener: (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    },
  });
  const follower = followerOf(new Log(), signal);
  const collected = collect(follower);
  await turn();
  follower.stop();
  expect(await collected).toEqual([]);
  expect(listeners).toBe(0);
});
