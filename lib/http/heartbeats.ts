export const HEARTBEAT = Symbol('heartbeat');

/**
 * The items of `source`, with a heartbeat each time the interval has passed. Ends with the source; a consumer that leaves
 * early has to abort the source itself, since a pending item cannot be cancelled from here.
 */
export async function* withHeartbeats<T>(
  source: AsyncIterable<T>,
  intervalMs: number,
): AsyncGenerator<T | typeof HEARTBEAT> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  let dueAt = performance.now() + intervalMs;
  try {
    for (;;) {
      const outcome = await raceTimer(next, dueAt - performance.now());
      if (outcome === HEARTBEAT) {
        dueAt = performance.now() + intervalMs;
        yield HEARTBEAT;
        continue;
      }
      if (outcome.done === true) return;
      yield outcome.value;
      next = iterator.next();
    }
  } finally {
    // Nobody waits for the pending item any more; its failure belongs to a reader that has left.
    next.catch(() => undefined);
    await iterator.return?.();
  }
}

async function raceTimer<T>(item: Promise<T>, ms: number): Promise<T | typeof HEARTBEAT> {
  if (ms <= 0) return HEARTBEAT;
  let timer: NodeJS.Timeout | undefined;
  const due = new Promise<typeof HEARTBEAT>((resolve) => {
    timer = setTimeout(() => resolve(HEARTBEAT), ms);
  });
  try {
    return await Promise.race([item, due]);
  } finally {
    clearTimeout(timer);
  }
}
