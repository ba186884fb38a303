import { PRELUDE_TYPE, type ResponseStream } from './responseStream.ts';
import type { LambdaHandler, StreamHandler } from './route.ts';

/** The mark that Lambda's runtime looks for on a handler. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

/**
 * Puts the global of Lambda's Node runtime in place; call it before a streaming handler is imported. It is merged,
 * never `??=`: the AWS SDK's invoke store creates the same global without these functions.
 */
export function installAwsLambda(): void {
  const runtime = { streamifyResponse, HttpResponseStream: { from: httpResponseStream } };
  const present: unknown = Reflect.get(globalThis, 'awslambda');
  Reflect.set(globalThis, 'awslambda', Object.assign(present ?? {}, runtime));
}

export function isStreamHandler(handler: LambdaHandler): handler is StreamHandler {
  return Reflect.get(handler, STREAMING) === 'response';
}

function streamifyResponse(handler: StreamHandler): StreamHandler {
  return Object.assign(handler, { [STREAMING]: 'response' });
}

/** The prelude goes out with the first write, before it: JSON, then 8 NUL bytes. */
function httpResponseStream(stream: ResponseStream, head: unknown): ResponseStream {
  stream.setContentType(PRELUDE_TYPE);
  stream._onBeforeFirstWrite = (write) => {
    write(JSON.stringify(head));
    write(new Uint8Array(8));
  };
  return stream;
}
