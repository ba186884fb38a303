import type { AppDeps } from './app.ts';
import { ringBells } from './ringBells.ts';

/** How many tasks one sweep moves at most; the next one comes within a second. */
const SWEEP_LIMIT = 1_000;

export interface Swept {
  /** False: another process was sweeping. */
  swept: boolean;
  rung: number;
  requeued: number;
  failed: number;
  cancelled: number;
}

/** Takes tasks back from workers that are gone, and rings again for tasks that nobody came for. */
export async function sweep(deps: AppDeps): Promise<Swept> {
  const { maxAttempts } = deps.config;
  const moved = await deps.store.sweep({ maxAttempts, limit: SWEEP_LIMIT });
  const heard = await ringBells(deps, moved.due);
  const counts = {
    rung: heard.length,
    requeued: moved.requeued.length,
    failed: moved.failed.length,
    cancelled: moved.cancelled.length,
  };
  if (Object.values(counts).some((count) => count > 0)) {
    deps.telemetry.logger.info('swept', counts);
  }
  return { swept: moved.swept, ...counts };
}

/** Deletes tasks that ended longer than RETENTION_DAYS ago, with all that belongs to them. */
export async function expireTasks({ store, config }: AppDeps): Promise<void> {
  await store.deleteExpired(config.retentionDays);
}
