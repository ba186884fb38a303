import { setTimeout as delay } from 'node:timers/promises';

/** The promise's outcome, or a rejection when it takes too long; what comes late is dropped. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const settled = new AbortController();
  const { signal } = settled;
  const late = delay(ms, undefined, { signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  // Aborting the timer rejects it when nobody waits for it any more.
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
  }
}
