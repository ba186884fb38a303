import type * as z from 'zod';
import { ProblemBody } from '../task/answers.ts';
import { ApiProblem, Unreachable } from './errors.ts';

/** The part of `fetch` that the client uses; tests and other hosts may bring their own. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface TransportOptions {
  /** Where the service listens, for example `http://127.0.0.1:8080`. */
  url: string;
  apiKey?: string | undefined;
  fetch?: Fetch | undefined;
  /** How long one answer may take; streams are exempt. Default 30,000. */
  timeoutMs?: number | undefined;
}

export interface Call {
  method: 'GET' | 'POST';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  headers?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Statuses beside 2xx that are an answer. */
  accept?: readonly number[];
}

export interface Transport {
  /** The open answer. Rejects with `ApiProblem` or `Unreachable`, or with the abort reason of `call.signal`. */
  send(call: Call): Promise<Response>;
  /** The answer's JSON, parsed; within the time limit. */
  json<S extends z.ZodType>(
    call: Call,
    shape: S,
  ): Promise<{ value: z.output<S>; headers: Headers }>;
  /** The answer as it is; within the time limit. */
  text(call: Call): Promise<string>;
}

const DEFAULT_TIMEOUT_MS = 30_000;

export function createTransport(options: TransportOptions): Transport {
  const send = (call: Call) => sendCall(options, call);
  const read = async (call: Call) => {
    const limit = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const signal = call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]);
    const response = await send({ ...call, signal });
    return { text: await readText(options.url, response, signal), headers: response.headers };
  };
  return {
    send,
    text: async (call) => (await read(call)).text,
    async json(call, shape) {
      const { text, headers } = await read(call);
      const parsed = shape.safeParse(parseJson(text));
      if (parsed.success) return { value: parsed.data, headers };
      throw new Unreachable(options.url, 'the answer has an unknown shape; versions may differ', {
        cause: parsed.error,
        isStranger: true,
      });
    },
  };
}

async function sendCall(options: TransportOptions, call: Call): Promise<Response> {
  const response = await connect(options, call);
  if (response.ok || call.accept?.includes(response.status)) return response;
  throw await declined(options.url, response);
}

async function connect(options: TransportOptions, call: Call): Promise<Response> {
  const send = options.fetch ?? globalThis.fetch;
  try {
    return await send(addressOf(options.url, call), {
      method: call.method,
      headers: headersOf(options, call),
      redirect: 'error',
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  } catch (error) {
    throw lost(options.url, error, call.signal);
  }
}

/** Why a connection failed, unless the caller itself ended it. */
export function lost(url: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted && !isTimeout(signal.reason)) return signal.reason;
  return new Unreachable(url, reasonOf(error), { cause: error });
}

function addressOf(url: string, call: Call): string {
  const address = new URL(url.replace(/\/+$/, '') + call.path);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) address.searchParams.set(name, String(value));
  }
  return address.href;
}

function headersOf(options: TransportOptions, call: Call): Record<string, string> {
  return {
    accept: 'application/json, application/problem+json',
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(options.apiKey === undefined ? {} : { 'x-api-key': options.apiKey }),
    ...call.headers,
  };
}

async function declined(url: string, response: Response): Promise<Error> {
  const text = await response.text().catch((error: unknown) => `(cut: ${reasonOf(error)})`);
  const parsed = ProblemBody.safeParse(parseJson(text));
  if (!parsed.success) {
    return new Unreachable(
      url,
      `status ${response.status} without problem details: ${text.slice(0, 200)}`,
      { isStranger: true },
    );
  }
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiProblem(parsed.data, {
    requestId: response.headers.get('x-request-id') ?? undefined,
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
  });
}

async function readText(url: string, response: Response, signal: AbortSignal): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw lost(url, error, signal);
  }
}

/** Undefined when the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}

/** undici says only "fetch failed"; what happened is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}
