import { request } from 'node:http';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { installAwsLambda } from '../../infra/gateway/awslambda.ts';
import type { GatewayOptions } from '../../infra/gateway/gateway.ts';
import type { ResponseStream } from '../../infra/gateway/responseStream.ts';
import type {
  BufferedHandler,
  GatewayLogger,
  GatewayRoute,
  StreamHandler,
} from '../../infra/gateway/route.ts';
import { type RunningGateway, startGateway } from '../../infra/gateway/server.ts';

interface TestedRuntime {
  streamifyResponse(handler: StreamHandler): StreamHandler;
  HttpResponseStream: { from(stream: ResponseStream, head: unknown): ResponseStream };
}

/** The global that Lambda's runtime provides, as the gateway installs it. */
export function awslambda(): TestedRuntime {
  installAwsLambda();
  const runtime: unknown = Reflect.get(globalThis, 'awslambda');
  return runtime as TestedRuntime;
}

export function bufferedRoute(
  handler: BufferedHandler,
  changes: Partial<GatewayRoute> = {},
): GatewayRoute {
  return {
    method: 'GET',
    path: '/',
    functionName: 'tested',
    stream: false,
    timeoutMs: 5_000,
    integrationTimeoutMs: 5_000,
    load: async () => handler,
    ...changes,
  };
}

export function streamRoute(
  handler: StreamHandler,
  changes: Partial<GatewayRoute> = {},
): GatewayRoute {
  const streaming = awslambda().streamifyResponse(handler);
  return {
    ...bufferedRoute(async () => undefined),
    stream: true,
    load: async () => streaming,
    ...changes,
  };
}

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
  fields: Record<string, unknown>;
}

/** A gateway on a free port that ends with the test, and what it logged. */
export async function testGateway(
  routes: GatewayRoute[],
  options: Partial<GatewayOptions> = {},
): Promise<RunningGateway & { log: LogLine[] }> {
  const log: LogLine[] = [];
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    routes,
    logger: recordingLogger(log),
    ...options,
  });
  let open = true;
  const close = async (graceMs = 100): Promise<void> => {
    if (!open) return;
    open = false;
    await gateway.close(graceMs);
  };
  onTestFinished(() => close());
  return { ...gateway, close, log };
}

export function recordingLogger(log: LogLine[]): GatewayLogger {
  const at =
    (level: LogLine['level']) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      log.push({ level, message, fields });
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** Sends bytes as they are and returns all that comes back until the server closes. */
export function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.once('error', reject);
  });
}

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One request whose path goes out exactly as given; fetch would normalise it. */
export function send(
  url: string,
  path: string,
  options: {
    method?: string;
    headers?: Record<string, string | string[]>;
    body?: string | Buffer;
  } = {},
): Promise<Reply> {
  const { hostname, port } = new URL(url);
  const { body, ...rest } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, agent: false, ...rest }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const { statusCode = 0, headers } = incoming;
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
