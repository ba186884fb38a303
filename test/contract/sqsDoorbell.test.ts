import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { createSqsDoorbell } from '../../lib/queue/adapters/sqs.ts';
import { createTestResources, edgeEndpoint, TEST_REGION } from '../support/testEdge.ts';
import { anId } from '../support/testStore.ts';
import { doorbellContract } from './doorbell.ts';

describe('the doorbell on SQS', () => {
  doorbellContract(async () => {
    const resources = await createTestResources({ visibilityTimeoutSeconds: 1 });
    const { endpoint, region, queueName, deadLetterQueueName, queueUrl } = resources;
    const sqs = new SQSClient({ endpoint, region, useQueueUrlAsEndpoint: false });
    const doorbell = createSqsDoorbell({ endpoint, region, queueName, deadLetterQueueName });
    return {
      doorbell,
      send: async (MessageBody) => {
        await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
      },
      close: async () => {
        doorbell.close();
        sqs.destroy();
        await resources.drop();
      },
    };
  });
});

describe('a queue that is away', () => {
  const UNAVAILABLE = { kind: 'unavailable', code: 'queue_unavailable' };
  const names = () => {
    const suffix = randomBytes(6).toString('hex');
    return { queueName: `late-${suffix}`, deadLetterQueueName: `late-dead-${suffix}` };
  };

  test('every call says so when nothing answers', async () => {
    const doorbell = createSqsDoorbell({
      endpoint: 'http://127.0.0.1:1',
      region: TEST_REGION,
      ...names(),
    });
    const signal = new AbortController().signal;
    await expect(doorbell.ring([{ taskId: anId() }])).rejects.toMatchObject(UNAVAILABLE);
    await expect(doorbell.receive({ max: 1, waitSeconds: 0, signal })).rejects.toMatchObject(
      UNAVAILABLE,
    );
    await expect(doorbell.delete(['receipt'])).rejects.toMatchObject(UNAVAILABLE);
    await expect(doorbell.depth()).rejects.toMatchObject(UNAVAILABLE);
    doorbell.close();
  });

  test('a queue that takes a call and never answers is not waited for', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const doorbell = createSqsDoorbell({ endpoint, region: TEST_REGION, ...names() });
    const started = performance.now();
    const rings = Array.from({ length: 25 }, () => ({ taskId: anId() }));
    await expect(doorbell.ring(rings)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('gave no answer in 3 s'),
    });
    await expect(doorbell.delete(['receipt'])).rejects.toMatchObject(UNAVAILABLE);
    expect(performance.now() - started).toBeLessThan(9_000);
    doorbell.close();
    silent.closeAllConnections();
    silent.close();
  }, 20_000);

  test('a queue that has moved to another address is looked up again within the call', async () => {
    const moved = await startMovedQueue();
    const doorbell = createSqsDoorbell({
      endpoint: moved.endpoint,
      region: TEST_REGION,
      ...names(),
    });
    const depth = { visible: 3, inFlight: 0 };
    expect(await doorbell.depth()).toEqual({ work: depth, dead: depth });
    moved.move();
    expect(await doorbell.depth()).toEqual({ work: depth, dead: depth });
    doorbell.close();
    await moved.close();
  });

  test('a queue that is made after the first try, or made anew, is found', async () => {
    const { queueName, deadLetterQueueName } = names();
    const endpoint = edgeEndpoint();
    const sqs = new SQSClient({ endpoint, region: TEST_REGION, useQueueUrlAsEndpoint: false });
    const create = () => sqs.send(new CreateQueueCommand({ QueueName: queueName }));
    const doorbell = createSqsDoorbell({
      endpoint,
      region: TEST_REGION,
      queueName,
      deadLetterQueueName,
    });
    const taskId = anId();
    await expect(doorbell.ring([{ taskId }])).rejects.toMatchObject(UNAVAILABLE);
    const { QueueUrl } = await create();
    expect(await doorbell.ring([{ taskId }])).toEqual([taskId]);
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(doorbell.ring([{ taskId }])).rejects.toMatchObject(UNAVAILABLE);
    await create();
    expect(await doorbell.ring([{ taskId }])).toEqual([taskId]);
    doorbell.close();
    sqs.destroy();
  });
});

/** An SQS whose queue changes its URL: what a deployment with another account or emulator looks like. */
async function startMovedQueue() {
  let current = 'http://sqs/1/queue';
  const answers: Record<string, (body: { QueueUrl: string }) => [status: number, body: unknown]> = {
    'AmazonSQS.GetQueueUrl': () => [200, { QueueUrl: current }],
    'AmazonSQS.GetQueueAttributes': ({ QueueUrl }) =>
      QueueUrl === current
        ? [200, { Attributes: { ApproximateNumberOfMessages: '3' } }]
        : [400, { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'moved' }],
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = answers[String(request.headers['x-amz-target'])];
    const [status, body] = answer?.(JSON.parse(Buffer.concat(chunks).toString())) ?? [404, {}];
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    move: () => {
      current = 'http://sqs/2/queue';
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
