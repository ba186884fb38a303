import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../lib/kernel/clock.ts';
import { createDynamoPresence } from '../../../lib/presence/adapters/dynamodb.ts';
import { holdGpu } from '../../../lib/presence/holdGpu.ts';
import type { Presence } from '../../../lib/presence/presence.ts';
import { createTestResources } from '../../support/testEdge.ts';

const GPU = { host: 'host-1', id: 'GPU-1', totalMiB: 24_000, freeMiB: 24_000 };
const CLAIM = { gpu: GPU, holder: 'worker-1', model: 'coder', mib: 20_000 };

let resources: Awaited<ReturnType<typeof createTestResources>>;
let presence: Presence;
beforeEach(async () => {
  resources = await createTestResources();
  presence = createDynamoPresence({ ...resources, clock: systemClock });
});
afterEach(async () => {
  presence.close();
  await resources.drop();
});

function failed(error: unknown): void {
  throw error;
}

async function hold(ttlMs: number, through: Presence = presence) {
  const answer = await holdGpu({ presence: through, claim: CLAIM, ttlMs, onError: failed });
  if (answer.kind === 'full') throw new Error(answer.why);
  return answer.held;
}

describe('a GPU that is held', () => {
  test('stays held beyond its lease by heartbeats, and is free once given back', async () => {
    const held = await hold(300);
    const until = performance.now() + 900;
    while (performance.now() < until) {
      expect(await presence.gpuLeases('host-1', 'GPU-1')).toEqual([held.lease]);
    }
    await held.giveBack();
    expect(await presence.gpuLeases('host-1', 'GPU-1')).toEqual([]);
    expect(held.lost.aborted).toBe(false);
  });

  test('tells who has it', async () => {
    const held = await hold(5_000);
    const other = { ...CLAIM, model: 'other', mib: 5_000 };
    expect(await holdGpu({ presence, claim: other, ttlMs: 5_000, onError: failed })).toEqual({
      kind: 'full',
      why: 'other needs 5000 MiB of GPU GPU-1 and 4000 MiB are left; it holds coder 20000 MiB for worker-1',
    });
    await held.giveBack();
  });

  test('is lost, and says so, when its lease is gone', async () => {
    const held = await hold(300);
    await presence.returnGpu(held.lease);
    await expect.poll(() => held.lost.aborted, { timeout: 5_000 }).toBe(true);
    await held.giveBack();
  });

  test('is lost when the table stays away for longer than the lease', async () => {
    const away = { ...presence, renewGpu: () => Promise.reject(new Error('away')) };
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const answer = await holdGpu({ presence: away, claim: CLAIM, ttlMs: 300, onError });
    const held = answer.kind === 'held' ? answer.held : undefined;
    await expect.poll(() => held?.lost.aborted, { timeout: 5_000 }).toBe(true);
    expect(errors.length).toBeGreaterThan(0);
    await held?.giveBack();
  });
});

test('a worker that is killed while it holds a GPU leaves it to the next one when its lease is over', async () => {
  const ttlMs = 1_500;
  const child = startHolder(ttlMs);
  await once(child.stdout ?? child, 'data');
  expect(await presence.gpuLeases('host-1', 'GPU-1')).toMatchObject([
    { holder: `pid-${child.pid}` },
  ]);
  const dead = once(child, 'exit');
  child.kill('SIGKILL');
  await dead;
  const killedAt = performance.now();
  expect((await presence.takeGpu(CLAIM, 1_000)).kind).toBe('full');
  await expect
    .poll(async () => (await presence.takeGpu(CLAIM, 1_000)).kind, { timeout: 10_000 })
    .toBe('taken');
  expect(performance.now() - killedAt).toBeLessThan(ttlMs + 1_000);
});

function startHolder(ttlMs: number): ChildProcess {
  const { endpoint, region, tableName } = resources;
  const script = join(import.meta.dirname, '../../support/holdGpuChild.ts');
  const args = [script, endpoint, region, tableName, String(ttlMs)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}
