import { type Exchange, type HeaderPairs, sendHead } from './exchange.ts';

/** What the gateway itself answers, in the form of RFC 9457. Nothing of a handler's error is told. */
export interface GatewayProblem {
  status: number;
  code: string;
  title: string;
  detail: string;
  retryable: boolean;
  remedy: string;
  headers?: HeaderPairs;
}

export const UNKNOWN_PATH: GatewayProblem = {
  status: 404,
  code: 'unknown_path',
  title: 'Not Found',
  detail: 'There is nothing at this path.',
  retryable: false,
  remedy: 'Check the path; GET /openapi.json describes the API.',
};

export const MALFORMED_PATH: GatewayProblem = {
  status: 400,
  code: 'malformed_path',
  title: 'Bad Request',
  detail: 'The path has a percent sign that does not encode UTF-8.',
  retryable: false,
  remedy: 'Percent-encode the path as UTF-8.',
};

export const HANDLER_FAILED: GatewayProblem = {
  status: 502,
  code: 'handler_failed',
  title: 'Bad Gateway',
  detail: 'The function behind this path failed.',
  retryable: true,
  remedy: 'Try again; if it goes on, look for the request id in the service log.',
};

export const HANDLER_TIMED_OUT: GatewayProblem = {
  status: 504,
  code: 'handler_timed_out',
  title: 'Gateway Timeout',
  detail: 'The function behind this path did not answer in time.',
  retryable: true,
  remedy: 'Try again; the first call may still have taken effect.',
};

export const SHUTTING_DOWN: GatewayProblem = {
  status: 503,
  code: 'shutting_down',
  title: 'Service Unavailable',
  detail: 'The service is stopping.',
  retryable: true,
  remedy: 'Try again when it is back.',
  headers: [
    ['Retry-After', '2'],
    ['Connection', 'close'],
  ],
};

export function methodNotAllowed(method: string, allow: readonly string[]): GatewayProblem {
  return {
    status: 405,
    code: 'method_not_allowed',
    title: 'Method Not Allowed',
    detail: `${method} is not possible here.`,
    retryable: false,
    remedy: `Use ${allow.join(' or ')}.`,
    headers: [['Allow', allow.join(', ')]],
  };
}

export function bodyTooLarge(limitBytes: number): GatewayProblem {
  return {
    status: 413,
    code: 'body_too_large',
    title: 'Content Too Large',
    detail: `The gateway takes at most ${limitBytes} bytes in a request.`,
    retryable: false,
    remedy: 'Send less.',
    headers: [['Connection', 'close']],
  };
}

/** Sends the problem; an answer that has begun already is cut instead, so that nobody takes it for whole. */
export function sendProblem(exchange: Exchange, problem: GatewayProblem): void {
  const { response } = exchange;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = problemBody(exchange, problem);
  sendHead(exchange, problem.status, problemHeaders(problem, body));
  response.end(body);
}

export function problemHeaders(problem: GatewayProblem, body: Buffer): HeaderPairs {
  return [
    ['Content-Type', 'application/problem+json'],
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
    ['Content-Length', String(body.length)],
    ...(problem.headers ?? []),
  ];
}

export function problemBody(exchange: Exchange, problem: GatewayProblem): Buffer {
  const { status, code, title, detail, retryable, remedy } = problem;
  const type = 'about:blank';
  const instance = exchange.path;
  return Buffer.from(
    JSON.stringify({ type, title, status, detail, instance, code, retryable, remedy }),
  );
}
