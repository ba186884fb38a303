import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EpochMs } from '../../lib/kernel/clock.ts';
import type { GpuClaim, GpuLease, Presence } from '../../lib/presence/presence.ts';
import { skipWithoutAtomicWrites } from '../support/testEdge.ts';
import { HandClock, type PresenceRoom } from './presence.ts';

const TTL_MS = 10_000;
const GPU = { host: 'host-1', id: 'GPU-1', totalMiB: 24_000, freeMiB: 23_000 };

function aClaim(mib: number, given: Partial<GpuClaim> = {}): GpuClaim {
  return { gpu: GPU, holder: 'worker-1', model: 'coder', mib, ...given };
}

/** What every presence promises of the memory of GPUs. */
export function gpuLeaseContract(open: (clock: HandClock) => Promise<PresenceRoom>): void {
  let room: PresenceRoom;
  let presence: Presence;
  let clock: HandClock;
  beforeEach(async () => {
    clock = new HandClock(1_795_000_000_000);
    room = await open(clock);
    presence = room.presence;
  });
  afterEach(() => room.close());

  async function take(mib: number, given: Partial<GpuClaim> = {}): Promise<GpuLease> {
    const answer = await presence.takeGpu(aClaim(mib, given), TTL_MS);
    if (answer.kind !== 'taken') throw new Error(`full: ${answer.roomMiB} MiB left`);
    return answer.lease;
  }
  const roomLeft = async (given: Partial<GpuClaim> = {}) => {
    const answer = await presence.takeGpu(aClaim(1_000_000, given), TTL_MS);
    return answer.kind === 'full' ? answer.roomMiB : Number.NaN;
  };

  describe('the memory of a GPU', () => {
    test('is had in parts, each with a fence above all before it, as long as there is room', async () => {
      const first = await take(10_000);
      const second = await take(8_000, { holder: 'worker-2', model: 'small' });
      expect(second.fence).toBeGreaterThan(first.fence);
      expect(await presence.takeGpu(aClaim(5_001), TTL_MS)).toEqual({
        kind: 'full',
        roomMiB: 5_000,
        leases: [first, second],
      });
      expect(await presence.gpuLeases('host-1', 'GPU-1')).toEqual([first, second]);
      expect(await presence.gpuRoom(GPU)).toEqual({ roomMiB: 5_000, leases: [first, second] });
    });

    test('is that of one GPU of one host', async () => {
      await take(20_000);
      expect(await take(20_000, { gpu: { ...GPU, id: 'GPU-2' } })).toMatchObject({ fence: 1 });
      expect(await take(20_000, { gpu: { ...GPU, host: 'host-2' } })).toMatchObject({ fence: 1 });
    });

    test('of a lease that is given back is there at once, and giving back twice is harmless', async () => {
      const lease = await take(20_000);
      await presence.returnGpu(lease);
      await presence.returnGpu(lease);
      expect(await roomLeft()).toBe(23_000);
      expect(await presence.renewGpu(lease, TTL_MS, true)).toBe('lost');
    });

    test('of a holder that died is there when its time is over, though nothing deleted it', async () => {
      const dead = await take(20_000);
      clock.advance(TTL_MS - 1);
      expect(await roomLeft()).toBe(3_000);
      clock.advance(1);
      expect(await roomLeft()).toBe(23_000);
      const heir = await take(20_000, { holder: 'worker-2' });
      expect(await presence.renewGpu(dead, TTL_MS, true)).toBe('lost');
      await presence.returnGpu(dead);
      expect(await presence.gpuLeases('host-1', 'GPU-1')).toEqual([heir]);
    });

    test('stays with a holder that renews', async () => {
      const lease = await take(20_000);
      for (let beat = 0; beat < 5; beat++) {
        clock.advance(TTL_MS - 1);
        expect(await presence.renewGpu(lease, TTL_MS, false)).toBe('held');
      }
      expect(await roomLeft()).toBe(3_000);
    });

    test('that is loaded is not counted twice: the probe sees it used', async () => {
      const lease = await take(10_000);
      const after = { gpu: { ...GPU, freeMiB: 13_000 } };
      expect(await roomLeft(after)).toBe(3_000);
      expect(await presence.renewGpu(lease, TTL_MS, true)).toBe('held');
      expect(await roomLeft(after)).toBe(13_000);
    });

    test('that strangers use is not there to be had, whatever the leases say', async () => {
      expect(await roomLeft({ gpu: { ...GPU, freeMiB: 1_500 } })).toBe(1_500);
    });
  });

  describe('a race for a GPU', () => {
    beforeEach(skipWithoutAtomicWrites);

    test('fifty that want a part at once: as many as fit have one, each with its own fence', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          presence.takeGpu(aClaim(5_000, { holder: `worker-${at}` }), TTL_MS),
        ),
      );
      const taken = answers.flatMap((answer) => (answer.kind === 'taken' ? [answer.lease] : []));
      expect(taken).toHaveLength(4);
      expect(new Set(taken.map(({ fence }) => fence)).size).toBe(4);
      expect(await presence.gpuLeases('host-1', 'GPU-1')).toHaveLength(4);
    });

    test('fifty that take, keep, give back and die never have more than there is', async () => {
      let most = 0;
      const watch = async () => {
        const leases = await presence.gpuLeases('host-1', 'GPU-1');
        most = Math.max(
          most,
          leases.reduce((sum, { mib }) => sum + mib, 0),
        );
      };
      const takeOnce = async (at: number, round: number) => {
        const mib = 1_000 + ((at * 7_919 + round * 104_729) % 9_000);
        const answer = await presence.takeGpu(aClaim(mib, { holder: `worker-${at}` }), TTL_MS);
        await watch();
        if (answer.kind === 'full') return;
        if (at % 3 === 0) clock.advance(TTL_MS / 4); // Others grow old, and may lapse, meanwhile.
        await presence.renewGpu(answer.lease, TTL_MS, false);
        if (at % 2 === 0) await presence.returnGpu(answer.lease);
      };
      const contend = async (at: number) => {
        for (let round = 0; round < 3; round++) await takeOnce(at, round);
      };
      await Promise.all(Array.from({ length: 50 }, (_, at) => contend(at)));
      await watch();
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(23_000);
    });
  });

  describe('the speed of a model', () => {
    test('is kept by host, the latest wins, and one does not undo another', async () => {
      const at = (ms: number) => ms as EpochMs;
      await presence.keepSpeed('host-1', 'a/b:7b@x', { tokensPerSecond: 20, measuredAt: at(1) });
      await Promise.all([
        presence.keepSpeed('host-1', 'a/b:7b@x', { tokensPerSecond: 41.5, measuredAt: at(2) }),
        presence.keepSpeed('host-1', 'other', { tokensPerSecond: 9, measuredAt: at(3) }),
        presence.keepSpeed('host-2', 'other', { tokensPerSecond: 90, measuredAt: at(3) }),
      ]);
      expect(await presence.speedsOf('host-1')).toEqual({
        'a/b:7b@x': { tokensPerSecond: 41.5, measuredAt: 2 },
        other: { tokensPerSecond: 9, measuredAt: 3 },
      });
      expect(await presence.speedsOf('nowhere')).toEqual({});
    });
  });
}
