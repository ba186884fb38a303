import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { recorded } from '../../../infra/localstack/differences.ts';
import { skipHere } from '../../support/emulator.ts';
import { startLongPoll } from '../../support/longPoll.ts';
import { createTestResources, edgeEndpoint, TEST_REGION } from '../../support/testEdge.ts';

const sqs = new SQSClient({
  endpoint: edgeEndpoint(),
  region: TEST_REGION,
  useQueueUrlAsEndpoint: false,
});
afterAll(() => sqs.destroy());

async function queue(options: { maxReceiveCount?: number } = {}) {
  return await createTestResources(options);
}

async function send(QueueUrl: string, MessageBody: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

async function receive(
  QueueUrl: string,
  options: { wait?: number; visible?: number } = {},
): Promise<Message[]> {
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      ...(options.wait === undefined ? {} : { WaitTimeSeconds: options.wait }),
      ...(options.visible === undefined ? {} : { VisibilityTimeout: options.visible }),
    }),
  );
  return Messages ?? [];
}

describe('the queue of the edge', () => {
  let shared: Awaited<ReturnType<typeof queue>>;
  beforeAll(async () => {
    shared = await queue();
  });
  afterAll(async () => await shared.drop());

  it('hides a received message and shows it again once its visibility timeout has passed', async () => {
    const { queueUrl } = shared;
    await send(queueUrl, 'seen twice');
    const [first] = await receive(queueUrl, { visible: 1 });
    expect(first?.Body).toBe('seen twice');
    expect(await receive(queueUrl)).toEqual([]);
    const [again] = await receive(queueUrl, { wait: 5 });
    expect(again?.Attributes?.['ApproximateReceiveCount']).toBe('2');
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: again?.ReceiptHandle }),
    );
    expect(await receive(queueUrl)).toEqual([]);
  });

  it('answers a long poll as soon as a message is there', async () => {
    const { queueUrl } = shared;
    const started = performance.now();
    const polling = receive(queueUrl, { wait: 20 });
    await send(queueUrl, 'awaited');
    const [message] = await polling;
    expect(message?.Body).toBe('awaited');
    expect(performance.now() - started).toBeLessThan(10_000);
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message?.ReceiptHandle }),
    );
  });

  it('takes a batch of ten and keeps the attributes of each', async () => {
    const { queueUrl } = shared;
    const Entries = Array.from({ length: 10 }, (_, n) => ({
      Id: `m${n}`,
      MessageBody: `body ${n}`,
      MessageAttributes: { traceparent: { DataType: 'String', StringValue: `trace ${n}` } },
    }));
    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    expect(sent.Successful).toHaveLength(10);
    const messages = await receive(queueUrl, { wait: 5 });
    const told = messages.map((m) => [m.Body, m.MessageAttributes?.['traceparent']?.StringValue]);
    expect(told).toContainEqual(['body 7', 'trace 7']);
    expect(told).toHaveLength(10);
  });

  it('moves a message that was received too often to the dead-letter queue', async () => {
    const own = await queue({ maxReceiveCount: 2 });
    await send(own.queueUrl, 'poison');
    for (const attempt of ['1', '2']) {
      const [message] = await receive(own.queueUrl, { wait: 5 });
      expect(message?.Attributes?.['ApproximateReceiveCount']).toBe(attempt);
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: own.queueUrl,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout: 0,
        }),
      );
    }
    expect(await receive(own.queueUrl)).toEqual([]);
    const [dead] = await receive(own.deadLetterQueueUrl, { wait: 5 });
    expect(dead?.Body).toBe('poison');
    await own.drop();
  });

  it('loses no message to a client that died in its long poll', async (context) => {
    const { name } = inject('emulator');
    const otherwise = recorded('deadPoll', name) ?? 'given to the next';
    if (otherwise !== 'given to the next') {
      skipHere(context, `on ${name} the message is ${otherwise}: infra/localstack/differences.md`);
    }
    const own = await queue();
    const dying = await startLongPoll(own.endpoint, own.queueUrl);
    // An answer to a later question: the edge has the poll.
    expect(await receive(own.queueUrl)).toEqual([]);
    dying.destroy();
    expect(await receive(own.queueUrl)).toEqual([]);
    await send(own.queueUrl, 'not for the dead');
    const [message] = await receive(own.queueUrl, { wait: 10 });
    expect(message?.Body).toBe('not for the dead');
    await own.drop();
  });
});
