import type { IncomingMessage, ServerResponse } from 'node:http';

/** Headers as they go over the wire: names may repeat. */
export type HeaderPairs = [name: string, value: string][];

/** One request and the answer it gets. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  /** As sent, percent-encoded, without the query. */
  path: string;
  /** As sent, without the question mark. */
  query: string;
  /** Put on whatever answer is given: CORS. */
  extraHeaders: HeaderPairs;
}

const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;

export function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  newRequestId: () => string,
): Exchange {
  const sent = request.headers['x-request-id'];
  const requestId = typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : newRequestId();
  const [path, query] = splitTarget(request.url ?? '/');
  return { request, response, requestId, path, query, extraHeaders: [] };
}

/** Writes the head once; a second head is a fault of the caller and throws. */
export function sendHead(exchange: Exchange, status: number, headers: HeaderPairs): void {
  const all = [...headers, ...exchange.extraHeaders];
  if (!all.some(([name]) => name.toLowerCase() === 'x-request-id')) {
    all.push(['X-Request-Id', exchange.requestId]);
  }
  exchange.response.writeHead(status, all.flat());
}

/** A proxy may send the absolute form (RFC 9112, 3.2.2). Never `new URL(target, base)`: `//x` would name a host. */
function splitTarget(target: string): [path: string, query: string] {
  const local = target.replace(/^https?:\/\/[^/?]*/i, '');
  const at = local.indexOf('?');
  if (at < 0) return [local || '/', ''];
  return [local.slice(0, at) || '/', local.slice(at + 1)];
}
