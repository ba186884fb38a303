import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import type { ResponseStream } from './responseStream.ts';

/** Answers with `{ statusCode, headers?, multiValueHeaders?, body?, isBase64Encoded? }`. */
export type BufferedHandler = (event: APIGatewayProxyEvent, context: Context) => Promise<unknown>;

/** Writes its answer: made by `awslambda.streamifyResponse`. */
export type StreamHandler = (
  event: APIGatewayProxyEvent,
  out: ResponseStream,
  context: Context,
) => Promise<unknown>;

export type LambdaHandler = BufferedHandler | StreamHandler;

/** One method of one path, as an `http` event of serverless.yml declares it. */
export interface GatewayRoute {
  /** In capitals. */
  method: string;
  /** With parameters in braces: `/v1/tasks/{id}`. */
  path: string;
  functionName: string;
  /** `response.transferMode: STREAM`. */
  stream: boolean;
  /** The function's own limit. */
  timeoutMs: number;
  /** The gateway's limit for this method: 29 s unless raised. */
  integrationTimeoutMs: number;
  /** Called until it has resolved once. */
  load: () => Promise<LambdaHandler>;
}

/** What the gateway tells of itself: a log of any kind. */
export interface GatewayLogger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
