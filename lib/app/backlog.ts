import { Refusal } from '../kernel/errors.ts';
import type { AppDeps } from './app.ts';

/** How full the queue is, counted seldom and estimated in between: counting for each submit would cost more than it. */
export interface Backlog {
  /** How many more tasks may be queued, `wanted` at most. */
  room(wanted: number): Promise<number>;
  added(count: number): void;
}

const RECOUNT_AFTER_MS = 1_000;

export function createBacklog(deps: Pick<AppDeps, 'store' | 'clock' | 'config'>): Backlog {
  const { store, clock, config } = deps;
  let queued = 0;
  let countedAt = Number.NEGATIVE_INFINITY;
  return {
    async room(wanted) {
      const isStale = clock.now() - countedAt > RECOUNT_AFTER_MS;
      // A refusal never rests on an estimate: workers may have made room since.
      if (isStale || queued + wanted > config.maxQueued) {
        queued = await store.countQueued();
        countedAt = clock.now();
      }
      return Math.max(0, Math.min(wanted, config.maxQueued - queued));
    },
    added(count) {
      queued += count;
    },
  };
}

export function queueFull(maxQueued: number): Refusal {
  return new Refusal('rate_limited', `the queue is full: ${maxQueued} queued, which is its limit`, {
    code: 'queue_full',
    remedy: 'try again later, or raise MAX_QUEUED',
    retryAfterSeconds: 5,
  });
}
