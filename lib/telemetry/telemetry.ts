export type LogFields = Record<string, unknown>;

/** Structured lines. Secrets are redacted by the adapter; a task's id and its trace id travel as fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with these fields on every line. */
  with(fields: LogFields): Logger;
}

export type SpanAttributes = Record<string, string | number | boolean>;

export interface Span {
  /** W3C trace context of this span, to travel with a message. */
  readonly traceparent: string;
  readonly traceId: string;
  set(attributes: SpanAttributes): void;
}

export interface Tracer {
  /** Runs `work` in a span; `parent` is a W3C traceparent, without it the active span is the parent. */
  span<T>(
    name: string,
    options: { parent?: string | undefined; attributes?: SpanAttributes },
    work: (span: Span) => Promise<T>,
  ): Promise<T>;
  /** Sends what is still held. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export type Unit = 'Count' | 'Milliseconds' | 'Bytes';

/** Numbers for CloudWatch (embedded metric format). What Prometheus shows comes from Postgres instead. */
export interface Metrics {
  put(name: string, value: number, unit: Unit, dimensions?: Record<string, string>): void;
  flush(): Promise<void>;
}

export interface Telemetry {
  logger: Logger;
  tracer: Tracer;
  metrics: Metrics;
}
