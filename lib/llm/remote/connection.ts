import { readText } from './bodyText.ts';
import type { Dialect } from './dialect.ts';
import { refusalOf } from './refusal.ts';
import { Busy, retryAfterMs } from './retry.ts';

export interface Endpoint {
  /** Name of the server, for messages. */
  name: string;
  /** Base of the API, with or without the trailing `/v1`. */
  url: string;
  apiKey?: string | undefined;
}

/** Statuses that may pass by themselves; 529 is Anthropic's "overloaded". */
const BUSY_STATUSES = new Set([429, 502, 503, 504, 529]);

/**
 * Sends a request and returns the response once it is a success. Throws `Busy` for what may pass (connection refused,
 * 429, 502, 503, 504, 529), `ModelError` for what will not, and the signal's reason when that has fired.
 */
export async function request(
  endpoint: Endpoint,
  dialect: Dialect,
  path: string,
  init: { signal: AbortSignal; body?: object },
): Promise<Response> {
  const response = await reach(endpoint, dialect, path, init);
  if (response.ok) return response;
  const { status, headers } = response;
  const refusal = refusalOf(status, await readText(response));
  if (refusal.kind === 'context_overflow' || !BUSY_STATUSES.has(status)) throw refusal;
  const pauseMs = retryAfterMs(headers);
  throw new Busy(refusal.message, { kind: refusal.kind, status, retryAfterMs: pauseMs });
}

export interface Served {
  /** Names of the models as the server gives them. */
  models: string[];
  /** Tokens of context, for those of which the server tells it. */
  contexts?: Record<string, number>;
}

/** What a server serves. Throws `ModelError`; no retries. */
export async function listServed(
  endpoint: Endpoint,
  dialect: Dialect,
  signal: AbortSignal,
): Promise<Served> {
  const response = await request(endpoint, dialect, dialect.modelsPath, { signal });
  const text = await readText(response);
  const models = dialect.readModels(text);
  const contexts = dialect.readContexts?.(text) ?? {};
  return Object.keys(contexts).length === 0 ? { models } : { models, contexts };
}

/** Names of the models that a server serves. Throws `ModelError`; no retries. */
export async function listModels(
  endpoint: Endpoint,
  dialect: Dialect,
  signal: AbortSignal,
): Promise<string[]> {
  return (await listServed(endpoint, dialect, signal)).models;
}

async function reach(
  endpoint: Endpoint,
  dialect: Dialect,
  path: string,
  { signal, body }: { signal: AbortSignal; body?: object },
): Promise<Response> {
  const headers = {
    accept: 'text/event-stream, application/x-ndjson, application/json',
    ...dialect.headers(endpoint.apiKey),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  try {
    // A model server has no reason to send us elsewhere, least of all off this machine.
    return await fetch(dialect.baseUrl(endpoint.url) + path, {
      ...sent,
      headers,
      signal,
      redirect: 'error',
    });
  } catch (cause) {
    signal.throwIfAborted();
    const message = `cannot reach model server ${endpoint.name} at ${endpoint.url}: ${reasonOf(cause)}`;
    throw new Busy(message, { kind: 'connect', cause });
  }
}

/** `fetch` says only "fetch failed"; the system's own code is in the cause. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause;
  if (inner instanceof Error && 'code' in inner) return String(inner.code);
  return inner instanceof Error ? inner.message : cause.message;
}
