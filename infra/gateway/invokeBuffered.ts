import { type Exchange, type HeaderPairs, sendHead } from './exchange.ts';
import { type Invocation, limitMs, logFields } from './invocation.ts';
import { lambdaContext } from './lambdaContext.ts';
import { HANDLER_FAILED, HANDLER_TIMED_OUT, sendProblem } from './problem.ts';
import { headerPairs, ProxyResult } from './proxyResult.ts';
import type { BufferedHandler } from './route.ts';

/** Lambda's limit for a synchronous answer. */
const ANSWER_LIMIT_BYTES = 6 * 1024 * 1024;

type Outcome =
  | { kind: 'answered'; result: unknown }
  | { kind: 'threw'; error: unknown }
  | { kind: 'timed_out' };

/** Calls the handler and sends its answer; whatever goes wrong becomes 502 or 504 and a line in the log. */
export async function invokeBuffered(call: Invocation, handler: BufferedHandler): Promise<void> {
  const outcome = await firstOutcome(call, handler);
  switch (outcome.kind) {
    case 'answered':
      answer(call, outcome.result);
      return;
    case 'threw':
      fail(call, 'the handler threw', outcome.error);
      return;
    case 'timed_out':
      call.logger.error('the handler did not answer in time', logFields(call));
      sendProblem(call.exchange, HANDLER_TIMED_OUT);
  }
}

/** A handler that was given up goes on; what becomes of it later is told to nobody, as on Lambda. */
async function firstOutcome(call: Invocation, handler: BufferedHandler): Promise<Outcome> {
  const late = Promise.withResolvers<Outcome>();
  const timer = setTimeout(() => late.resolve({ kind: 'timed_out' }), limitMs(call.route));
  try {
    return await Promise.race([settle(call, handler), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function settle(call: Invocation, handler: BufferedHandler): Promise<Outcome> {
  const { route, exchange, event } = call;
  const context = lambdaContext(route.functionName, exchange.requestId, route.timeoutMs);
  try {
    return { kind: 'answered', result: await handler(event, context) };
  } catch (error) {
    return { kind: 'threw', error };
  }
}

function answer(call: Invocation, result: unknown): void {
  const parsed = ProxyResult.safeParse(result);
  if (!parsed.success) {
    fail(call, 'the handler answered in no known form', parsed.error);
    return;
  }
  const body = bodyOf(parsed.data);
  if (body.length > ANSWER_LIMIT_BYTES) {
    fail(call, 'the answer is too large', new Error(`${body.length} bytes`));
    return;
  }
  try {
    send(call.exchange, parsed.data, body);
  } catch (error) {
    fail(call, 'the answer has a header that cannot be sent', error);
  }
}

function bodyOf(result: ProxyResult): Buffer {
  return Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8');
}

function send(exchange: Exchange, result: ProxyResult, body: Buffer): void {
  const headers: HeaderPairs = headerPairs(result);
  const bodiless =
    result.statusCode < 200 || result.statusCode === 204 || result.statusCode === 304;
  if (bodiless) {
    sendHead(exchange, result.statusCode, headers);
    exchange.response.end();
    return;
  }
  if (!headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    headers.push(['Content-Type', 'application/json']);
  }
  headers.push(['Content-Length', String(body.length)]);
  sendHead(exchange, result.statusCode, headers);
  exchange.response.end(body);
}

function fail(call: Invocation, message: string, error: unknown): void {
  call.logger.error(message, { ...logFields(call), error });
  sendProblem(call.exchange, HANDLER_FAILED);
}
