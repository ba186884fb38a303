import { finished } from 'node:stream/promises';
import { type Exchange, sendHead } from './exchange.ts';
import { type Invocation, limitMs, logFields } from './invocation.ts';
import { lambdaContext } from './lambdaContext.ts';
import { HANDLER_FAILED, HANDLER_TIMED_OUT, SHUTTING_DOWN, sendProblem } from './problem.ts';
import { headerPairs } from './proxyResult.ts';
import { ResponseStream, type StreamSink } from './responseStream.ts';
import type { StreamHandler } from './route.ts';

export type CutReason = 'client_gone' | 'timed_out' | 'idle' | 'shutdown';

/** The gateway ended the stream, not the handler: its writable is destroyed with this. */
export class StreamCut extends Error {
  readonly reason: CutReason;

  constructor(reason: CutReason) {
    super(`the stream was cut: ${reason}`);
    this.name = 'StreamCut';
    this.reason = reason;
  }
}

/**
 * Lets the handler write its answer until it is done or the stream is cut. Resolves when the handler has returned, so
 * that a shutdown can wait for it.
 */
export async function invokeStreaming(call: Invocation, handler: StreamHandler): Promise<void> {
  const { exchange, route, event } = call;
  const guard = new StreamGuard(call);
  const context = lambdaContext(route.functionName, exchange.requestId, route.timeoutMs);
  try {
    await handler(event, guard.out, context);
    if (!guard.out.writableEnded) guard.out.end();
    await finished(guard.out);
  } catch (error) {
    guard.fail(error);
  } finally {
    guard.release();
  }
}

/** Watches one stream and cuts it for the first reason that comes up. */
class StreamGuard {
  readonly out: ResponseStream;
  readonly #call: Invocation;
  readonly #limit: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;
  #ended = false;

  constructor(call: Invocation) {
    this.#call = call;
    this.#limit = setTimeout(() => this.#cut('timed_out'), limitMs(call.route));
    this.#idle = setTimeout(() => this.#cut('idle'), call.idleTimeoutMs);
    this.out = new ResponseStream(sinkOf(call.exchange, () => this.#idle.refresh()));
    this.out.on('error', (error) => this.fail(error));
    call.exchange.response.once('close', this.#onClose);
    call.shutdown.addEventListener('abort', this.#onShutdown);
  }

  /** Ends the answer after an error of the handler or of its stream; later ones are consequences. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#call.logger.error('the stream failed', { ...logFields(this.#call), error });
    this.out.destroy();
    sendProblem(this.#call.exchange, HANDLER_FAILED);
  }

  release(): void {
    this.#ended = true;
    clearTimeout(this.#limit);
    clearTimeout(this.#idle);
    this.#call.exchange.response.off('close', this.#onClose);
    this.#call.shutdown.removeEventListener('abort', this.#onShutdown);
  }

  readonly #onClose = (): void => {
    if (!this.#call.exchange.response.writableFinished) this.#cut('client_gone');
  };

  readonly #onShutdown = (): void => this.#cut('shutdown');

  #cut(reason: CutReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#call.logger.info('the stream was cut', { ...logFields(this.#call), reason });
    this.out.destroy(new StreamCut(reason));
    finishAnswer(this.#call.exchange, reason);
  }
}

function finishAnswer(exchange: Exchange, reason: CutReason): void {
  switch (reason) {
    case 'client_gone':
      return;
    case 'shutdown':
      // A clean end lets the client reconnect with its cursor; a reset would look like a fault.
      if (exchange.response.headersSent) exchange.response.end();
      else sendProblem(exchange, SHUTTING_DOWN);
      return;
    case 'timed_out':
    case 'idle':
      sendProblem(exchange, HANDLER_TIMED_OUT);
  }
}

function sinkOf(exchange: Exchange, onBytes: () => void): StreamSink {
  const { response } = exchange;
  return {
    head: (head) => {
      sendHead(exchange, head.statusCode, headerPairs(head));
      response.flushHeaders();
    },
    body: (chunk, done) => {
      onBytes();
      if (response.destroyed) return done(new StreamCut('client_gone'));
      if (response.write(chunk)) return done();
      return whenRoom(exchange, done);
    },
    end: () => response.end(),
  };
}

function whenRoom({ response }: Exchange, done: () => void): void {
  const go = (): void => {
    response.off('drain', go).off('close', go);
    done();
  };
  response.on('drain', go).on('close', go);
}
