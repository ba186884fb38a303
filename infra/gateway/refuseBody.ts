import { type Exchange, sendHead } from './exchange.ts';
import { bodyTooLarge, problemBody, problemHeaders } from './problem.ts';

/** How much more of a refused upload is taken in before the connection is cut. */
const DISCARD_BYTES = 64 * 1024 * 1024;
const DISCARD_MS = 10_000;

/**
 * Answers 413 at once, but closes only when the client has stopped sending: closing a socket with unread data resets
 * the connection, and the client would lose the answer.
 */
export function refuseBody(exchange: Exchange, limitBytes: number): void {
  const { request, response } = exchange;
  const problem = bodyTooLarge(limitBytes);
  const body = problemBody(exchange, problem);
  sendHead(exchange, problem.status, problemHeaders(problem, body));
  response.write(body);
  discard(exchange, () => {
    response.end();
    if (!request.complete) request.destroy();
  });
}

function discard({ request }: Exchange, done: () => void): void {
  let discarded = 0;
  const timer = setTimeout(finish, DISCARD_MS);
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > DISCARD_BYTES) finish();
  });
  request.once('end', finish);
  request.once('close', finish);
  request.resume();

  function finish(): void {
    clearTimeout(timer);
    request.removeAllListeners('data');
    done();
  }
}
