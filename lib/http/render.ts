import type { Readable } from 'node:stream';
import type middy from '@middy/core';
import type { AppDeps } from '../app/app.ts';
import type { Answer } from './answer.ts';
import { refusalOfParser } from './body.ts';
import type { Call, RoutedEvent } from './call.ts';
import { flushMeasures, logFields, measure } from './measure.ts';
import { isExpected, problemAnswer } from './problem.ts';

/** An answer as Lambda hands it to the gateway; on a streaming route the body may be a stream. */
export interface ProxyAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string | Readable;
}

type RoutedRequest = middy.Request<RoutedEvent>;

/** The way out of a call that went well. */
export async function renderAnswer(request: RoutedRequest): Promise<void> {
  const { call } = request.event;
  if (call === undefined) throw new Error('the call was never opened');
  request.response = await finish(call, request.response);
}

/** The way out of every other call. An error before the app is there is left to the gateway: nothing could log it. */
export async function renderError(request: RoutedRequest): Promise<void> {
  const { call } = request.event;
  if (call?.deps === undefined) return;
  const error = refusalOfParser(request.error, request.event);
  if (!isExpected(error)) logFailure(call.deps, call, error);
  request.response = await finish(call, problemAnswer(error, call.request.path));
}

async function finish(call: Call, answer: Answer): Promise<ProxyAnswer> {
  if (call.deps !== undefined) {
    measure(call.deps, call, answer.status);
    await flushMeasures(call.deps);
  }
  return {
    statusCode: answer.status,
    headers: {
      'x-request-id': call.request.requestId,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...call.headers,
      ...answer.headers,
    },
    body: answer.body,
  };
}

function logFailure({ telemetry }: AppDeps, call: Call, error: unknown): void {
  telemetry.logger.error('a request failed', { ...logFields(call), err: error });
}
