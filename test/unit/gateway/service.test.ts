import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { readService, serviceRoutes } from '../../../infra/gateway/service.ts';
import { RESOURCES } from '../../../infra/localstack/resources.ts';

const file = join(import.meta.dirname, '../../../serverless.yml');
const GetAtt = z.string().transform((text) => text.replace(/\.Arn$/, ''));

const Queue = z.object({
  Type: z.literal('AWS::SQS::Queue'),
  Properties: z.object({
    QueueName: z.string(),
    VisibilityTimeout: z.int(),
    MessageRetentionPeriod: z.int(),
    RedrivePolicy: z.object({ deadLetterTargetArn: GetAtt, maxReceiveCount: z.int() }).optional(),
  }),
});

const Table = z.object({
  Type: z.literal('AWS::DynamoDB::Table'),
  Properties: z.object({
    TableName: z.string(),
    AttributeDefinitions: z.tuple([
      z.object({ AttributeName: z.string(), AttributeType: z.literal('S') }),
    ]),
    KeySchema: z.tuple([z.object({ AttributeName: z.string(), KeyType: z.literal('HASH') })]),
    TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.literal(true) }),
  }),
});

function declaredResources() {
  const service = parse(readFileSync(file, 'utf8'), { logLevel: 'error' });
  const resources = z
    .record(z.string(), z.union([Queue, Table]))
    .parse(service.resources.Resources);
  const queues = Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
    Type === 'AWS::SQS::Queue' ? [{ id, ...Properties }] : [],
  );
  const tables = Object.values(resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::DynamoDB::Table' ? [Properties] : [],
  );
  return { queues, tables };
}

test('serverless.yml and resources.json declare the same queues', () => {
  const { queues } = declaredResources();
  const nameOf = (id: string) => queues.find((queue) => queue.id === id)?.QueueName;
  const declared = queues.map(
    ({ QueueName, VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy }) => ({
      name: QueueName,
      visibilityTimeoutSeconds: VisibilityTimeout,
      retentionSeconds: MessageRetentionPeriod,
      deadLetterQueue: nameOf(RedrivePolicy?.deadLetterTargetArn ?? ''),
      maxReceiveCount: RedrivePolicy?.maxReceiveCount,
    }),
  );
  const listed = RESOURCES.queues.map(({ role: _role, ...queue }) => ({
    deadLetterQueue: undefined,
    maxReceiveCount: undefined,
    ...queue,
  }));
  expect(declared).toEqual(listed);
});

test('serverless.yml and resources.json declare the same tables', () => {
  const { tables } = declaredResources();
  const declared = tables.map((table) => ({
    name: table.TableName,
    partitionKey: table.KeySchema[0].AttributeName,
    timeToLiveAttribute: table.TimeToLiveSpecification.AttributeName,
  }));
  expect(declared).toEqual(RESOURCES.tables);
});

test('serverless.yml declares every route of the API', async () => {
  const routes = serviceRoutes(await readService(file), async () => async () => undefined);
  expect(
    routes.map(({ method, path, functionName }) => `${method} ${path} ${functionName}`),
  ).toEqual([
    'POST /v1/tasks submitTask',
    'GET /v1/tasks listTasks',
    'GET /v1/tasks/{id} getTask',
    'POST /v1/tasks/{id}/cancel cancel',
    'POST /v1/tasks/{id}/resume resume',
    'POST /v1/feedback feedback',
    'GET /v1/models models',
    'GET /v1/stream/{id} stream',
    'GET /health health',
    'GET /metrics metrics',
    'GET /openapi.json openapi',
  ]);
});

test('only the stream streams, for 15 minutes; the others have 29 seconds at most', async () => {
  const routes = serviceRoutes(await readService(file), async () => async () => undefined);
  const [stream, ...more] = routes.filter((route) => route.stream);
  expect(stream).toMatchObject({
    functionName: 'stream',
    timeoutMs: 900_000,
    integrationTimeoutMs: 900_000,
  });
  expect(more).toEqual([]);
  for (const { timeoutMs, integrationTimeoutMs, stream: streams } of routes) {
    expect(streams || Math.min(timeoutMs, integrationTimeoutMs) <= 29_000).toBe(true);
  }
});
