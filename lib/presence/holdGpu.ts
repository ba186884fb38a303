import { holderOf } from './leasedProbe.ts';
import type { GpuClaim, GpuLease, Presence } from './presence.ts';

export interface HeldGpu {
  readonly lease: GpuLease;
  /** Fires when the lease is lost: the memory may be another's, so what lies in it must go. */
  readonly lost: AbortSignal;
  /** The model lies in memory now. */
  markLoaded(): Promise<void>;
  /** Idempotent. */
  giveBack(): Promise<void>;
}

export type Hold = { kind: 'held'; held: HeldGpu } | { kind: 'full'; why: string };

interface HoldOptions {
  presence: Presence;
  claim: GpuClaim;
  ttlMs: number;
  onError: (error: unknown) => void;
}

/**
 * Takes memory of a GPU and keeps it by a heartbeat at a third of `ttlMs`. A table that cannot be reached is no reason to
 * give up until the lease itself has run out. `full` says in a sentence who has the memory.
 */
export async function holdGpu({ presence, claim, ttlMs, onError }: HoldOptions): Promise<Hold> {
  const answer = await presence.takeGpu(claim, ttlMs);
  if (answer.kind === 'full') return { kind: 'full', why: whyFull(claim, answer) };
  const { lease } = answer;
  const gone = new AbortController();
  let loaded = false;
  let heldUntil = performance.now() + ttlMs;
  let beat: Promise<void> = Promise.resolve();

  async function renew(): Promise<void> {
    if (gone.signal.aborted) return;
    const asked = performance.now();
    try {
      if ((await presence.renewGpu(lease, ttlMs, loaded)) === 'held') heldUntil = asked + ttlMs;
      else gone.abort();
    } catch (error) {
      onError(error);
      if (performance.now() >= heldUntil) gone.abort();
    }
  }

  /** One at a time: a slow answer must not be overtaken by an older one. */
  function beatNow(): Promise<void> {
    beat = beat.then(renew);
    return beat;
  }

  const timer = setInterval(beatNow, ttlMs / 3);
  let returned: Promise<void> | undefined;
  const held: HeldGpu = {
    lease,
    lost: gone.signal,
    markLoaded: () => {
      loaded = true;
      return beatNow();
    },
    giveBack: () => {
      clearInterval(timer);
      returned ??= beat.then(() => presence.returnGpu(lease));
      return returned;
    },
  };
  return { kind: 'held', held };
}

function whyFull(
  { model, mib, gpu }: GpuClaim,
  { roomMiB, leases }: { roomMiB: number; leases: GpuLease[] },
): string {
  const holders = leases.map(holderOf).join(', ');
  const others = holders === '' ? '' : `; it holds ${holders}`;
  return `${model} needs ${mib} MiB of GPU ${gpu.id} and ${roomMiB} MiB are left${others}`;
}
