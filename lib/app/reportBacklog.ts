import type { AppDeps } from './app.ts';

/**
 * Puts the gauges that alarms and scaling on AWS look at: `workers_alive`, `tasks_queued` and `queue_oldest_age_ms` (0 when
 * nothing waits). The age is that of the task: a ring in the queue may be older or younger than what it rings for.
 */
export async function reportBacklog({ store, presence, telemetry }: AppDeps): Promise<void> {
  const [{ tasks, oldestQueuedMs }, workers] = await Promise.all([
    store.metricsSnapshot(),
    presence.liveWorkers(),
  ]);
  const queued = tasks.filter(({ status }) => status === 'queued');
  const { metrics } = telemetry;
  metrics.put('workers_alive', workers.length, 'Count');
  metrics.put('tasks_queued', total(queued), 'Count');
  metrics.put('queue_oldest_age_ms', oldestQueuedMs ?? 0, 'Milliseconds');
}

function total(counted: { count: number }[]): number {
  return counted.reduce((sum, { count }) => sum + count, 0);
}
