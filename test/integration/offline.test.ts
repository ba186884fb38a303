import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { send } from '../support/gateway.ts';
import { startOfflineService } from '../support/offlineService.ts';
import { createTestResources, edgeEndpoint, TEST_REGION } from '../support/testEdge.ts';

/** The parts of our own serverless.yml that the plugins look at, over functions that need no database. */
function service(functions: object, deadLetterQueueName = 'unused') {
  return {
    service: 'tiny',
    frameworkVersion: '^4.3.0',
    provider: { name: 'aws', runtime: 'nodejs24.x', stage: 'local', region: TEST_REGION },
    plugins: [
      'serverless-offline',
      './infra/offline/gatewayPlugin.ts',
      './infra/offline/queuePlugin.ts',
    ],
    functions,
    resources: {
      Resources: {
        Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: deadLetterQueueName } },
      },
    },
    custom: {
      'serverless-offline': {
        host: '127.0.0.1',
        httpPort: 0,
        lambdaPort: 0,
        websocketPort: 0,
        noPrependStageInUrl: true,
        useInProcess: true,
        localEnvironment: true,
      },
    },
  };
}

const http = (method: string, path: string, more = {}) => ({ http: { method, path, ...more } });
const handlerOf = (name: string) => `dist/${name}/handler.handler`;

const PING = `export const handler = async (event) => ({
  statusCode: 200,
  body: JSON.stringify({ id: event.pathParameters.id, pid: process.pid }),
});`;

const FAILING = `export const handler = async () => { throw new Error('secret'); };`;

const TICKS = `
export const handler = awslambda.streamifyResponse(async (event, out) => {
  const stream = awslambda.HttpResponseStream.from(out, {
    statusCode: 200,
    headers: { 'content-type': 'text/event-stream' },
  });
  stream.write('retry: 1000\\n\\n');
  await new Promise((resolve) => stream.once('error', resolve));
});`;

const streaming = http('get', 'ticks', { response: { transferMode: 'STREAM' } });

test('serverless-offline serves plain and streaming routes through the gateway, and ends its streams', async () => {
  const running = await startOfflineService(
    service({
      ping: { handler: handlerOf('ping'), events: [http('get', 'ping/{id}')] },
      failing: { handler: handlerOf('failing'), events: [http('post', 'failing')] },
      ticks: { handler: handlerOf('ticks'), timeout: 900, events: [streaming] },
    }),
    { ping: PING, failing: FAILING, ticks: TICKS },
    {},
  );
  expect(JSON.parse((await send(running.url, '/ping/a%20b')).body)).toMatchObject({ id: 'a b' });
  expect((await send(running.url, '/ping/1', { method: 'HEAD' })).status).toBe(405);

  const failed = await send(running.url, '/failing', { method: 'POST' });
  expect(failed.status).toBe(502);
  expect(failed.body).not.toContain('secret');

  const unknown = await send(running.url, '/nothing', {
    headers: { Origin: 'http://evil.example' },
  });
  expect(unknown.status).toBe(404);
  expect(unknown.headers['content-type']).toBe('application/problem+json');
  expect(unknown.headers).not.toHaveProperty('access-control-allow-origin');

  const stream = await fetch(`${running.url}/ticks`);
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe('retry: 1000\n\n');
  expect(await running.stop('SIGTERM')).toBe(0);
  expect((await reader?.read())?.done).toBe(true);
});

test('an SQS-triggered function gets its messages, and those it reports as failed come back', async () => {
  const queues = await createTestResources({ visibilityTimeoutSeconds: 1 });
  const running = await startOfflineService(
    service(
      {
        ping: { handler: handlerOf('ping'), events: [http('get', 'ping/{id}')] },
        dead: {
          handler: handlerOf('dead'),
          events: [
            {
              sqs: {
                arn: { 'Fn::GetAtt': ['Dead', 'Arn'] },
                functionResponseType: 'ReportBatchItemFailures',
              },
            },
          ],
        },
      },
      queues.deadLetterQueueName,
    ),
    { ping: PING, dead: DEAD },
    { AWS_ENDPOINT_URL: edgeEndpoint() },
  );
  const sqs = new SQSClient({ endpoint: edgeEndpoint(), region: TEST_REGION });
  const QueueUrl = queues.deadLetterQueueUrl;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'good' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'bad' }));

  const taken = async () => running.output().match(/taken (good|bad) \d/g) ?? [];
  await expect.poll(taken, { timeout: 15_000 }).toContain('taken bad 2');
  expect(await taken()).toEqual(expect.arrayContaining(['taken good 1', 'taken bad 1']));
  expect(await taken()).not.toContain('taken good 2');
  await expect
    .poll(async () => {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
      );
      return Object.entries(Attributes ?? {}).flatMap(([name, value]) =>
        name.startsWith('ApproximateNumberOfMessages') ? [value] : [],
      );
    })
    .toEqual(['0', '0', '0']);
  expect(await running.stop('SIGINT')).toBe(0);
  sqs.destroy();
  await queues.drop();
});

/** Fails the bad one at its first delivery only. */
const DEAD = `export const handler = async ({ Records }) => {
  const failed = [];
  for (const { body, messageId, attributes } of Records) {
    const count = attributes.ApproximateReceiveCount;
    console.log('taken ' + body + ' ' + count);
    if (body === 'bad' && count === '1') failed.push({ itemIdentifier: messageId });
  }
  return { batchItemFailures: failed };
};`;
