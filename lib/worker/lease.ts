import type { Clock } from '../kernel/clock.ts';
import type { TaskId } from '../kernel/ids.ts';
import type { Store } from '../store/store.ts';
import type { Logger } from '../telemetry/telemetry.ts';
import { CancelRequested, LeaseLost } from './endings.ts';

interface LeaseOptions {
  store: Store;
  claim: { taskId: TaskId; fence: number };
  leaseMs: number;
  clock: Clock;
  logger: Logger;
}

export interface Lease {
  /** Aborts with `CancelRequested` or `LeaseLost`. */
  readonly signal: AbortSignal;
  /** Asks the database at once: something about the task has changed. */
  poke(): void;
  release(): Promise<void>;
}

/** The run's own events are heard too: they are gathered, so that each does not cost a write of its own. */
const POKE_MS = 50;

/**
 * Keeps a task's lease by a heartbeat at a third of it. A database that cannot be reached, or does not answer, is no
 * reason to stop until the lease itself has run out: from then on another worker may have the task.
 */
export function holdLease({ store, claim, leaseMs, clock, logger }: LeaseOptions): Lease {
  const controller = new AbortController();
  let runsOut = lostAt(clock.now() + leaseMs);
  let beat: Promise<void> = Promise.resolve();
  let poked: NodeJS.Timeout | undefined;

  function lostAt(time: number): NodeJS.Timeout {
    return setTimeout(() => controller.abort(new LeaseLost()), Math.max(0, time - clock.now()));
  }

  async function extend(): Promise<void> {
    // A run that is cancelled holds its lease until it has ended: nobody may call it over before.
    if (controller.signal.reason instanceof LeaseLost) return;
    const asked = clock.now();
    try {
      const answer = await store.extendLease({ ...claim, leaseMs });
      clearTimeout(runsOut);
      if (answer === 'lost') controller.abort(new LeaseLost());
      else runsOut = lostAt(asked + leaseMs);
      if (answer === 'cancelling') controller.abort(new CancelRequested());
    } catch (error) {
      logger.warn('the lease could not be extended', { error: String(error) });
    }
  }

  /** One at a time: a slow answer must not be overtaken by an older one. */
  function beatNow(): void {
    beat = beat.then(extend);
  }

  function poke(): void {
    poked ??= setTimeout(() => {
      poked = undefined;
      beatNow();
    }, POKE_MS);
  }

  const timer = setInterval(beatNow, leaseMs / 3);
  return {
    signal: controller.signal,
    poke,
    release: async () => {
      clearInterval(timer);
      clearTimeout(poked);
      await beat;
      clearTimeout(runsOut);
    },
  };
}
