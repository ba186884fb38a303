import { PROMETHEUS_CONTENT_TYPE, prometheusText } from '../telemetry/prometheusText.ts';
import type { AppDeps } from './app.ts';
import { metricFamilies } from './metricFamilies.ts';
import { openStreams } from './openStreams.ts';
import { within } from './within.ts';

export const METRICS_CONTENT_TYPE = PROMETHEUS_CONTENT_TYPE;

const PATIENCE_MS = 2_000;

/**
 * Prometheus text. Totals come from the database, so that they are right with any number of processes; only the open
 * streams are those of the process that answers. Throws `Refusal` unavailable when the database is away.
 */
export async function readMetrics(deps: AppDeps): Promise<string> {
  const [snapshot, depth, workers] = await Promise.all([
    deps.store.metricsSnapshot(),
    knownOrNot(deps.doorbell.depth()),
    knownOrNot(deps.presence.liveWorkers()),
  ]);
  const streams = openStreams(deps).count;
  return prometheusText(metricFamilies({ snapshot, depth, workers: workers?.length, streams }));
}

/** What cannot be read is left out of the text. */
async function knownOrNot<T>(asked: Promise<T>): Promise<T | undefined> {
  const [outcome] = await Promise.allSettled([within(asked, PATIENCE_MS)]);
  return outcome.status === 'fulfilled' ? outcome.value : undefined;
}
