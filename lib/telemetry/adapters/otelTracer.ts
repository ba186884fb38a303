import {
  type Context,
  context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { redactText } from '../redact.ts';
import type { Logger, Span, Tracer } from '../telemetry.ts';
import { createJsonLinesExporter } from './jsonLinesExporter.ts';
import { reportFailures } from './reportFailures.ts';

export interface TracerOptions {
  /** Which process speaks, for example `api` or `worker`. */
  service: string;
  exporter: 'console' | 'otlp' | 'none';
  /** For `console`: absolute path of the file that gets one JSON line per span; absent: stdout. */
  file?: string | undefined;
  /** For `otlp`: base address of the collector; `/v1/traces` is appended. Absent: http://localhost:4318. */
  otlpEndpoint?: string | undefined;
  /** Told, at most once a minute, that spans cannot be exported. */
  logger?: Logger | undefined;
}

/** How long a finished span waits for company before it is exported. */
const BATCH_DELAY_MS = 1_000;
const EXPORT_TIMEOUT_MS = 5_000;

/** Spans by OpenTelemetry. With `none` nothing is exported, but trace ids are made and travel all the same. */
export function createTracer(options: TracerOptions): Tracer {
  useAsyncLocalStorage();
  const exporter = openExporter(options);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.service }),
    spanProcessors: exporter === undefined ? [] : [batch(reportFailures(exporter, options.logger))],
  });
  const tracer = provider.getTracer(options.service);
  return {
    span: (name, { parent, attributes }, work) => {
      const around = parentContext(parent);
      const span = tracer.startSpan(name, { attributes: attributes ?? {} }, around);
      return context.with(trace.setSpan(around, span), () => runIn(span, work));
    },
    flush: () => settle(provider.forceFlush()),
    close: () => settle(provider.shutdown()),
  };
}

/** Spans of concurrent requests stay apart. Set once per process; a second call changes nothing. */
function useAsyncLocalStorage(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

function openExporter(options: TracerOptions): SpanExporter | undefined {
  switch (options.exporter) {
    case 'console':
      return createJsonLinesExporter(options.file);
    case 'otlp':
      return new OTLPTraceExporter(
        options.otlpEndpoint === undefined
          ? {}
          : { url: `${options.otlpEndpoint.replace(/\/+$/, '')}/v1/traces` },
      );
    case 'none':
      return undefined;
  }
}

function batch(exporter: SpanExporter): BatchSpanProcessor {
  return new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: BATCH_DELAY_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
}

async function runIn<T>(span: OtelSpan, work: (span: Span) => Promise<T>): Promise<T> {
  try {
    return await work(present(span));
  } catch (error) {
    span.recordException(describe(error));
    span.setStatus({ code: SpanStatusCode.ERROR, message: describe(error).message });
    throw error;
  } finally {
    span.end();
  }
}

function present(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    set: (attributes) => {
      span.setAttributes(attributes);
    },
  };
}

function describe(error: unknown): { name: string; message: string; stack: string } {
  if (!(error instanceof Error))
    return { name: 'Error', message: redactText(String(error)), stack: '' };
  return {
    name: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
  };
}

function parentContext(traceparent: string | undefined): Context {
  const remote = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  return remote === undefined ? context.active() : trace.setSpanContext(ROOT_CONTEXT, remote);
}

/** https://www.w3.org/TR/trace-context/#traceparent-header; undefined for anything that the rules forbid. */
function parseTraceparent(text: string): SpanContext | undefined {
  const match = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '00', rest] = match;
  if (version === '00' && rest !== undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

/** A collector that is away has been reported by the exporter; it must not fail the work that was traced. */
async function settle(sending: Promise<void>): Promise<void> {
  await Promise.allSettled([sending]);
}
