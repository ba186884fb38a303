import { type Exchange, sendHead } from './exchange.ts';

const ALLOWED_HEADERS =
  'Content-Type, X-API-Key, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Id, traceparent';
const EXPOSED_HEADERS =
  'Location, ETag, Retry-After, Idempotent-Replay, X-Request-Id, traceparent, RateLimit, RateLimit-Policy';

/** Lets pages of the listed origins read the answer. With no list every other origin stays out. */
export function allowOrigin(exchange: Exchange, origins: readonly string[]): boolean {
  if (origins.length === 0) return false;
  exchange.extraHeaders.push(['Vary', 'Origin']);
  const origin = exchange.request.headers.origin;
  if (origin === undefined || !origins.includes(origin)) return false;
  exchange.extraHeaders.push(
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Expose-Headers', EXPOSED_HEADERS],
  );
  return true;
}

export function isPreflight({ request }: Exchange): boolean {
  return (
    request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
  );
}

export function answerPreflight(exchange: Exchange, methods: readonly string[]): void {
  sendHead(exchange, 204, [
    ['Access-Control-Allow-Methods', methods.join(', ')],
    ['Access-Control-Allow-Headers', ALLOWED_HEADERS],
    ['Access-Control-Max-Age', '600'],
  ]);
  exchange.response.end();
}
