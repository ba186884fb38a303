import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import type { Routed } from '../router/route.ts';

interface WaitOptions {
  /** Looks at the models as they are now. */
  look: () => Promise<Routed>;
  /** Told when the reasons are others than before: nobody waits in silence. */
  tell: (routed: Routed) => Promise<void>;
  until: EpochMs;
  clock: Clock;
  signal: AbortSignal;
}

const PAUSE_MS = 2_000;

/** Looks again and again until a model can take the task or the time is up; resolves with the last look. */
export async function waitForModel(options: WaitOptions): Promise<Routed> {
  const { look, tell, until, clock, signal } = options;
  let told = '';
  for (;;) {
    const routed = await look();
    const leftMs = until - clock.now();
    if (routed.chosen !== undefined || leftMs <= 0) return routed;
    const reasons = JSON.stringify(routed.refused);
    if (reasons !== told) await tell(routed);
    told = reasons;
    await pause(Math.min(PAUSE_MS, leftMs), signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw cause;
  }
}
