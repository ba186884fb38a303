import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Exchange } from './exchange.ts';
import type { GatewayLogger, GatewayRoute } from './route.ts';

/** One call of one function. */
export interface Invocation {
  exchange: Exchange;
  route: GatewayRoute;
  event: APIGatewayProxyEvent;
  logger: GatewayLogger;
  /** Fires when the gateway shuts down. */
  shutdown: AbortSignal;
  /** A stream that is silent for so long is cut; 5 minutes at a Regional endpoint. */
  idleTimeoutMs: number;
}

/** The first limit that an invocation meets: the function's own, or that of the method's integration. */
export function limitMs(route: GatewayRoute): number {
  return Math.min(route.timeoutMs, route.integrationTimeoutMs);
}

/** What the log says of every invocation. */
export function logFields({ exchange, route }: Invocation): Record<string, unknown> {
  return {
    function: route.functionName,
    method: route.method,
    path: route.path,
    request_id: exchange.requestId,
  };
}
