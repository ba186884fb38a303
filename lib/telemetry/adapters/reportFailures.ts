import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../telemetry.ts';

const FAILED = 1;
const QUIET_MS = 60_000;

/** OpenTelemetry drops what it cannot send in silence; this says so, at most once a minute. */
export function reportFailures(exporter: SpanExporter, logger: Logger | undefined): SpanExporter {
  let quietUntil = 0;
  const report = (error: Error | undefined): void => {
    if (logger === undefined || Date.now() < quietUntil) return;
    quietUntil = Date.now() + QUIET_MS;
    logger.warn('spans could not be exported; they are dropped', {
      err: error,
      remedy: 'check OTEL_EXPORTER_OTLP_ENDPOINT, or set OTEL_TRACES_EXPORTER=none',
    });
  };
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code === FAILED) report(result.error);
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
