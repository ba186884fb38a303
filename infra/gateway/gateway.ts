import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isStreamHandler } from './awslambda.ts';
import { buildEvent } from './buildEvent.ts';
import { allowOrigin, answerPreflight, isPreflight } from './cors.ts';
import { type Exchange, openExchange } from './exchange.ts';
import type { Invocation } from './invocation.ts';
import { invokeBuffered } from './invokeBuffered.ts';
import { invokeStreaming } from './invokeStreaming.ts';
import { createMatchRoute, type Match, type MatchRoute } from './matchRoute.ts';
import {
  HANDLER_FAILED,
  MALFORMED_PATH,
  methodNotAllowed,
  SHUTTING_DOWN,
  sendProblem,
  UNKNOWN_PATH,
} from './problem.ts';
import { readBody } from './readBody.ts';
import { refuseBody } from './refuseBody.ts';
import type { GatewayLogger, GatewayRoute, LambdaHandler } from './route.ts';

/** Lambda's limit for the payload of a synchronous call. */
const BODY_LIMIT_BYTES = 6 * 1024 * 1024;

export interface GatewayOptions {
  routes: readonly GatewayRoute[];
  logger: GatewayLogger;
  /** Origins whose pages may call from a browser, for example `http://localhost:5173`; none by default. */
  corsOrigins?: readonly string[];
  /** A stream that is silent for so long is cut; 5 minutes by default, as at a Regional endpoint. */
  idleTimeoutMs?: number;
}

export interface Gateway {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Ends the streams and waits for running calls, `graceMs` at most; new requests get 503. */
  close(graceMs: number): Promise<void>;
}

type Matched = Extract<Match, { kind: 'matched' }>;

/** API Gateway's REST semantics, streamed answers included, in front of Lambda handlers of this process. */
export function createGateway(options: GatewayOptions): Gateway {
  return new RestGateway(options);
}

class RestGateway implements Gateway {
  readonly #options: GatewayOptions;
  readonly #matchRoute: MatchRoute;
  readonly #loaded = new Map<GatewayRoute, LambdaHandler>();
  readonly #running = new Set<Promise<void>>();
  readonly #shutdown = new AbortController();

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#matchRoute = createMatchRoute(options.routes);
    // Every open stream listens.
    setMaxListeners(0, this.#shutdown.signal);
  }

  /** A property, so that it can be handed to a server as it is. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const exchange = openExchange(request, response, randomUUID);
    const done = this.#answer(exchange)
      .catch((error: unknown) => this.#fail(exchange, error))
      .finally(() => this.#running.delete(done));
    this.#running.add(done);
  };

  async close(graceMs: number): Promise<void> {
    this.#shutdown.abort();
    const grace = Promise.withResolvers<void>();
    const timer = setTimeout(grace.resolve, graceMs);
    await Promise.race([Promise.all(this.#running), grace.promise]);
    clearTimeout(timer);
  }

  async #answer(exchange: Exchange): Promise<void> {
    const allowed = allowOrigin(exchange, this.#options.corsOrigins ?? []);
    if (this.#shutdown.signal.aborted) {
      sendProblem(exchange, SHUTTING_DOWN);
      return;
    }
    const { method = 'GET' } = exchange.request;
    const match = this.#matchRoute(method, exchange.path);
    switch (match.kind) {
      case 'malformed_path':
        sendProblem(exchange, MALFORMED_PATH);
        return;
      case 'unknown_path':
        sendProblem(exchange, UNKNOWN_PATH);
        return;
      case 'wrong_method':
        if (allowed && isPreflight(exchange)) answerPreflight(exchange, match.allow);
        else sendProblem(exchange, methodNotAllowed(method, match.allow));
        return;
      case 'matched':
        await this.#call(exchange, match);
    }
  }

  async #call(exchange: Exchange, { route, pathParameters }: Matched): Promise<void> {
    const body = await readBody(exchange.request, BODY_LIMIT_BYTES);
    if (body.kind === 'gone') return;
    if (body.kind === 'too_large') {
      refuseBody(exchange, BODY_LIMIT_BYTES);
      return;
    }
    const { logger, idleTimeoutMs = 300_000 } = this.#options;
    const parts = { exchange, resource: route.path, pathParameters, body: body.bytes };
    const event = buildEvent(parts);
    const shutdown = this.#shutdown.signal;
    await this.#invoke({ exchange, route, event, logger, shutdown, idleTimeoutMs });
  }

  async #invoke(call: Invocation): Promise<void> {
    const handler = await this.#load(call.route);
    if (isStreamHandler(handler) !== call.route.stream) {
      throw new Error(`${call.route.functionName}: route and handler disagree on streaming`);
    }
    if (isStreamHandler(handler)) await invokeStreaming(call, handler);
    else await invokeBuffered(call, handler);
  }

  async #load(route: GatewayRoute): Promise<LambdaHandler> {
    const ready = this.#loaded.get(route);
    if (ready !== undefined) return ready;
    const handler = await route.load();
    this.#loaded.set(route, handler);
    return handler;
  }

  #fail(exchange: Exchange, error: unknown): void {
    const fields = { request_id: exchange.requestId, path: exchange.path, error };
    this.#options.logger.error('the gateway failed', fields);
    sendProblem(exchange, HANDLER_FAILED);
  }
}
