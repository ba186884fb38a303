import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createDynamoDb } from './dynamoDb.ts';
import { readBody } from './exchange.ts';
import { createSqs } from './sqs.ts';

export interface EdgeOptions {
  /** On 127.0.0.1; 0 = any free one. */
  port: number;
}

export interface RunningEdge {
  /** For the AWS clients, for example `http://127.0.0.1:4566`. */
  endpoint: string;
  port: number;
  /** From now on /_localstack/init/ready says that the queues and tables are there. */
  markReady(): void;
  stop(): Promise<void>;
}

/**
 * SQS and DynamoDB on one loopback port, by LocalStack's conventions (account 000000000000, key test/test, health and
 * readiness paths). Everything is in memory: losing the queue or the presence is harmless by design.
 * Rejects with the listener's error (EADDRINUSE) when the port is taken.
 */
export async function startEdge({ port }: EdgeOptions): Promise<RunningEdge> {
  const services: Services = { sqs: await createSqs(), dynamoDb: createDynamoDb(), isReady: false };
  const server = createServer((request, response) => {
    answer(services, request, response).catch((error: unknown) => refuse(response, error));
  });
  // Above the idle time of the AWS clients' agents: they must be the first to close a connection.
  server.keepAliveTimeout = 65_000;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    endpoint: `http://127.0.0.1:${bound}`,
    port: bound,
    markReady: () => {
      services.isReady = true;
    },
    stop: () => stop(server, services),
  };
}

interface Services {
  sqs: Awaited<ReturnType<typeof createSqs>>;
  dynamoDb: ReturnType<typeof createDynamoDb>;
  isReady: boolean;
}

async function answer(services: Services, request: IncomingMessage, response: ServerResponse) {
  // No AWS client sends an Origin: it is a web page that tries to reach services of this machine.
  if (request.headers.origin !== undefined) return sendJson(response, 403, FROM_A_PAGE);
  const path = new URL(request.url ?? '/', 'http://edge').pathname;
  if (path === '/_localstack/health' || path === '/health') return sendJson(response, 200, HEALTH);
  if (path === '/_localstack/init/ready') {
    return sendJson(response, 200, { completed: services.isReady, scripts: [] });
  }
  const body = await readBody(request);
  const target = String(request.headers['x-amz-target'] ?? '');
  if (target.startsWith('DynamoDB_')) return services.dynamoDb.answer(request, body, response);
  if (target.startsWith('AmazonSQS.')) return await services.sqs.answer(request, body, response);
  return sendJson(response, 400, {
    __type: 'UnknownOperationException',
    message: `the embedded edge has SQS and DynamoDB only; asked was ${target || `${request.method} ${path}`}`,
  });
}

const HEALTH = {
  services: { sqs: 'running', dynamodb: 'running' },
  edition: 'embedded',
  version: '4.14.0',
};

const FROM_A_PAGE = { __type: 'AccessDeniedException', message: 'not for web pages' };

function refuse(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  const message = error instanceof Error ? error.message : String(error);
  if (response.headersSent) response.destroy();
  else sendJson(response, 500, { __type: 'InternalFailure', message });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function stop(server: Server, services: Services): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await Promise.all([closed, services.sqs.close(), services.dynamoDb.close()]);
}
