import { trace } from '@opentelemetry/api';
import { destination, type Logger as Pino, pino, stdTimeFunctions } from 'pino';
import { redactFields, redactText } from '../redact.ts';
import type { LogFields, Logger } from '../telemetry.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  level: LogLevel;
  /** Which process speaks, for example `api` or `worker`. */
  service: string;
  /** Absolute path of a file that is appended to, folders made; absent: stdout. */
  destination?: string | undefined;
}

/** One JSON object a line: level, time (ISO 8601), service, trace_id of the active span, the fields, msg. */
export function createLogger(options: LoggerOptions): Logger {
  const root = pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: activeTrace,
    },
    openDestination(options.destination),
  );
  return wrap(root);
}

/** Written at once, so that the last lines before a crash are there. */
function openDestination(path: string | undefined): ReturnType<typeof destination> {
  if (path === undefined) return destination({ dest: 1, sync: true });
  return destination({ dest: path, sync: true, mkdir: true, append: true });
}

function activeTrace(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span === undefined ? {} : { trace_id: span.traceId };
}

function wrap(log: Pino): Logger {
  return {
    debug: (message, fields) => log.debug(clean(fields), redactText(message)),
    info: (message, fields) => log.info(clean(fields), redactText(message)),
    warn: (message, fields) => log.warn(clean(fields), redactText(message)),
    error: (message, fields) => log.error(clean(fields), redactText(message)),
    with: (fields) => wrap(log.child(clean(fields))),
  };
}

function clean(fields: LogFields | undefined): LogFields {
  return fields === undefined ? {} : redactFields(fields);
}
