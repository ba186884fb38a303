import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connectPostgres } from '../../../lib/db/adapters/pg.ts';
import { systemClock } from '../../../lib/kernel/clock.ts';
import type { Claim } from '../../../lib/store/claim.ts';
import { createStore, type Store } from '../../../lib/store/store.ts';
import { createLogger } from '../../../lib/telemetry/adapters/pinoLogger.ts';
import { CancelRequested, LeaseLost } from '../../../lib/worker/endings.ts';
import { holdLease, type Lease } from '../../../lib/worker/lease.ts';
import { openTestStore, TERMS, type TestStore } from '../../support/testStore.ts';

let room: TestStore;
let lease: Lease | undefined;
beforeAll(async () => {
  room = await openTestStore();
});
afterEach(() => lease?.release());
afterAll(() => room.close());

const LEASE_MS = 600;
const A_DAY_MS = 86_400_000;
const logger = createLogger({ level: 'error', service: 'test' });

function hold(claim: Claim, leaseMs = LEASE_MS, store: Store = room.store): Lease {
  lease = holdLease({ store, claim, leaseMs, clock: systemClock, logger });
  return lease;
}

/** Why the lease ended, and when. */
async function ending({ signal }: Lease): Promise<{ reason: unknown; afterMs: number }> {
  const started = performance.now();
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
  return { reason: signal.reason, afterMs: performance.now() - started };
}

test('a cancel is learnt of as soon as the lease is poked', async () => {
  const claim = await room.claimed();
  const held = hold(claim, A_DAY_MS);
  await room.store.requestCancel(claim.taskId);
  held.poke();
  expect((await ending(held)).reason).toBeInstanceOf(CancelRequested);
});

test('a run that another worker has taken over ends', async () => {
  const claim = await room.claimed();
  await room.lapse(claim.taskId);
  await room.store.claimTask({ ...TERMS, owner: 'worker-2', taskId: claim.taskId });
  expect((await ending(hold(claim))).reason).toBeInstanceOf(LeaseLost);
});

test('a database that is away ends the run only when the lease itself has run out', async () => {
  const away = connectPostgres('postgresql://agent@127.0.0.1:9/agent');
  const { reason, afterMs } = await ending(hold(await room.claimed(), LEASE_MS, createStore(away)));
  expect(reason).toBeInstanceOf(LeaseLost);
  expect(afterMs).toBeGreaterThan(LEASE_MS * 0.9);
  await away.close();
});

test('a database that takes the heartbeat and does not answer ends the run when the lease has run out', async () => {
  const claim = await room.claimed();
  const seen = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const blocking = room.database.transaction(async (tx) => {
    await tx.query('select id from tasks where id = $1 for update', [claim.taskId]);
    locked.resolve();
    await seen.promise;
  });
  await locked.promise;
  try {
    const { reason, afterMs } = await ending(hold(claim));
    expect(reason).toBeInstanceOf(LeaseLost);
    expect(afterMs).toBeLessThan(LEASE_MS * 3);
  } finally {
    seen.resolve();
    await blocking;
  }
}, 10_000);

test('a run that is cancelled holds its lease until it has ended, so that nobody calls it over before', async () => {
  const claim = await room.claimed();
  const held = hold(claim);
  await room.store.requestCancel(claim.taskId);
  held.poke();
  await ending(held);
  const leaseUntil = async () => {
    const [row] = await room.database.query<{ at: Date }>(
      'select lease_until as at from tasks where id = $1',
      [claim.taskId],
    );
    return row?.at.getTime() ?? 0;
  };
  const learnt = await leaseUntil();
  await expect.poll(leaseUntil, { timeout: 10_000 }).toBeGreaterThan(learnt + LEASE_MS);
  const { cancelled } = await room.store.sweep({ maxAttempts: 3, limit: 100 });
  expect(cancelled).not.toContain(claim.taskId);
  expect(await room.store.confirmCancelled(claim)).toBe('cancelled');
});
