import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HrTime } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

const SUCCESS = 0;
const FAILED = 1;
const STATUS_NAMES = ['unset', 'ok', 'error'] as const;

/** Appends one JSON line per span to a file, or to stdout where no path is given. */
export function createJsonLinesExporter(path: string | undefined): SpanExporter {
  let writing: Promise<void> = Promise.resolve();
  return {
    export: (spans, done) => {
      const text = spans.map((span) => `${JSON.stringify(spanLine(span))}\n`).join('');
      writing = writeText(path, text).then(
        () => done({ code: SUCCESS }),
        (error: Error) => done({ code: FAILED, error }),
      );
    },
    forceFlush: () => writing,
    shutdown: () => writing,
  };
}

async function writeText(path: string | undefined, text: string): Promise<void> {
  if (path === undefined) {
    process.stdout.write(text);
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, text);
}

function spanLine(span: ReadableSpan): Record<string, unknown> {
  const { traceId, spanId } = span.spanContext();
  return {
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: span.parentSpanContext?.spanId ?? null,
    name: span.name,
    service: span.resource.attributes['service.name'],
    start: new Date(milliseconds(span.startTime)).toISOString(),
    duration_ms: milliseconds(span.duration),
    status: STATUS_NAMES[span.status.code],
    ...(span.status.message === undefined ? {} : { error: span.status.message }),
    attributes: span.attributes,
    events: span.events.map(({ name, attributes }) => ({ name, attributes })),
  };
}

/** OpenTelemetry's [seconds, nanoseconds] in milliseconds, to the microsecond. */
function milliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1_000 + Math.round(nanoseconds / 1_000) / 1_000;
}
