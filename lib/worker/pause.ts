import { setTimeout as wait } from 'node:timers/promises';

/** Resolves after `ms`, or when the signal fires. Leaves no listener on the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
