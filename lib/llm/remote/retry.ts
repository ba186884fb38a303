import { setTimeout as delay } from 'node:timers/promises';
import { ModelError, type ModelErrorKind } from '../llm.ts';

export interface RetrySettings {
  /** Tries after the first one. */
  retries: number;
  /** First pause in milliseconds; it doubles, to at most 8 s. */
  retryPauseMs: number;
}

/** A refusal that may pass by itself, with the time that the server asked to be left alone. */
export class Busy extends ModelError {
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: {
      kind: ModelErrorKind;
      status?: number;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    },
  ) {
    super(options.kind, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

const LONGEST_PAUSE_MS = 8_000;
/** A server that wants to be left alone for longer is not waited for. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/** Runs `attempt` again while it fails with `Busy`. An abort ends the waiting at once with the signal's reason. */
export async function withRetries<T>(
  settings: RetrySettings,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (cause) {
      if (!(cause instanceof Busy) || tried >= settings.retries) throw cause;
      const pauseMs = cause.retryAfterMs ?? pauseOf(settings, tried);
      if (pauseMs > LONGEST_RETRY_AFTER_MS) throw cause;
      await pause(pauseMs, signal);
    }
  }
}

/** `Retry-After` in milliseconds: seconds, or an HTTP date that is measured by the server's own clock (RFC 9110). */
export function retryAfterMs(headers: Headers): number | undefined {
  const after = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(after)) return Number(after) * 1_000;
  const waitMs = Date.parse(after) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

function pauseOf({ retryPauseMs }: RetrySettings, tried: number): number {
  return Math.min(LONGEST_PAUSE_MS, retryPauseMs * 2 ** tried);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw cause;
  }
}
