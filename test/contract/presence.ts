import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock, EpochMs } from '../../lib/kernel/clock.ts';
import type { Presence, WorkerRecord } from '../../lib/presence/presence.ts';
import { skipWithoutAtomicWrites } from '../support/testEdge.ts';

export interface PresenceRoom {
  presence: Presence;
  close(): Promise<void>;
}

/** A clock that stands still until it is moved. */
export class HandClock implements Clock {
  #now: number;
  constructor(now: number) {
    this.#now = now;
  }
  now(): EpochMs {
    return this.#now as EpochMs;
  }
  advance(ms: number): void {
    this.#now += ms;
  }
}

export function aWorker(workerId: string, given: Partial<WorkerRecord> = {}): WorkerRecord {
  return {
    workerId,
    host: 'host-1',
    pid: 42,
    startedAt: 1_795_000_000_000 as EpochMs,
    concurrency: 2,
    running: 1,
    gpu: {
      kind: 'gpus',
      gpus: [
        { id: 'GPU-1', index: 0, name: 'RTX', totalMiB: 24_576, freeMiB: null, memory: 'own' },
      ],
      ramFreeMiB: 1_000.5,
    },
    models: [
      {
        id: 'scaffold',
        provider: 'scaffold',
        family: 'scaffold',
        context_tokens: 8_192,
        edit_format: 'whole',
        licence: 'MIT',
        preference: 0,
        llm: false,
      },
    ],
    sandbox: { tier: 'bubblewrap', detail: 'bwrap 0.8' },
    toolchains: { python: '3.12.1' },
    ...given,
  };
}

/** What every presence promises. `open` gives one that is empty. */
export function presenceContract(open: (clock: Clock) => Promise<PresenceRoom>): void {
  let room: PresenceRoom;
  let clock: HandClock;
  beforeEach(async () => {
    clock = new HandClock(Date.now());
    room = await open(clock);
  });
  afterEach(() => room.close());

  const idsOf = async () => (await room.presence.liveWorkers()).map(({ workerId }) => workerId);

  test('nobody is there at first', async () => {
    expect(await room.presence.liveWorkers()).toEqual([]);
  });

  test('a worker that announced itself is listed as it described itself', async () => {
    const bare = aWorker('w-2', { gpu: { kind: 'none', why: 'no GPU', ramFreeMiB: 10 } });
    await room.presence.announce(aWorker('w-1'), 10_000);
    await room.presence.announce(bare, 10_000);
    expect(await room.presence.liveWorkers()).toEqual([aWorker('w-1'), bare]);
  });

  test('a newer announcement takes the place of the older one', async () => {
    await room.presence.announce(aWorker('w-1'), 10_000);
    await room.presence.announce(aWorker('w-1', { running: 2 }), 10_000);
    expect(await room.presence.liveWorkers()).toMatchObject([{ workerId: 'w-1', running: 2 }]);
  });

  test('a worker that falls silent is not listed once its time is over, though nothing deleted it', async () => {
    await room.presence.announce(aWorker('silent'), 10_000);
    await room.presence.announce(aWorker('alive'), 30_000);
    clock.advance(9_999);
    expect(await idsOf()).toEqual(['alive', 'silent']);
    clock.advance(1);
    expect(await idsOf()).toEqual(['alive']);
  });

  test('a worker that comes back after a long silence is listed again', async () => {
    await room.presence.announce(aWorker('w-1'), 10_000);
    clock.advance(86_400_000);
    expect(await idsOf()).toEqual([]);
    await room.presence.announce(aWorker('w-1'), 10_000);
    expect(await idsOf()).toEqual(['w-1']);
  });

  test('a worker that withdraws is gone at once; withdrawing a stranger is harmless', async () => {
    await room.presence.announce(aWorker('w-1'), 10_000);
    await room.presence.withdraw('w-1');
    await room.presence.withdraw('stranger');
    expect(await idsOf()).toEqual([]);
  });

  test('a fleet is listed whole', async (context) => {
    skipWithoutAtomicWrites(context);
    const ids = Array.from({ length: 120 }, (_, at) => `w-${String(at).padStart(3, '0')}`);
    await Promise.all(ids.map((id) => room.presence.announce(aWorker(id), 10_000)));
    expect(await idsOf()).toEqual(ids);
  });

  test('uses count down to nothing within a window and start anew with the next', async () => {
    const use = () => room.presence.countUse('key-1', 2, 60_000);
    clock.advance(60_000 - (clock.now() % 60_000));
    const resetsAt = clock.now() + 60_000;
    expect(await use()).toEqual({ used: 1, remaining: 1, resetsAt });
    clock.advance(59_999);
    expect(await use()).toEqual({ used: 2, remaining: 0, resetsAt });
    expect(await use()).toEqual({ used: 3, remaining: 0, resetsAt });
    clock.advance(1);
    expect(await use()).toEqual({ used: 1, remaining: 1, resetsAt: resetsAt + 60_000 });
  });

  test('a hundred uses at once are a hundred uses', async (context) => {
    skipWithoutAtomicWrites(context);
    const uses = await Promise.all(
      Array.from({ length: 100 }, () => room.presence.countUse('busy', 1_000, 60_000)),
    );
    expect(uses.map(({ used }) => used).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, at) => at + 1),
    );
  });

  test('one key does not use up another, nor one window another', async () => {
    await room.presence.countUse('a', 5, 60_000);
    expect((await room.presence.countUse('b', 5, 60_000)).used).toBe(1);
    expect((await room.presence.countUse('a', 5, 3_600_000)).used).toBe(1);
  });
}
