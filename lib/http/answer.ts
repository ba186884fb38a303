import type { Readable } from 'node:stream';

/** What a route answers; the headers that every answer carries are added later. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** Text as it is sent, or a stream on a streaming route. */
  body: string | Readable;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  };
}

export function text(status: number, contentType: string, body: string): Answer {
  return { status, headers: { 'content-type': contentType }, body };
}

/** 204, 304: nothing but headers. */
export function empty(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: '' };
}
