import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { parseTaskId, type TaskId } from '../../kernel/ids.ts';
import type { Doorbell, QueueDepth, Ring, Rung } from '../queue.ts';
import { type Address, openQueue, PATIENCE_MS } from './namedQueue.ts';

export interface SqsDoorbellOptions {
  /** An emulator's address; absent on AWS. With one, the credentials are LocalStack's: test, test. */
  endpoint?: string | undefined;
  region: string;
  queueName: string;
  deadLetterQueueName: string;
}

/** What SQS takes and gives at most in one call. */
const BATCH_MAX = 10;

/** A message's body is `{"task_id"}`; the trace context travels as a message attribute of this name. */
const TRACE_ATTRIBUTE = 'traceparent';

/** The doorbell on a standard queue. */
export function createSqsDoorbell(options: SqsDoorbellOptions): Doorbell {
  const client = connect(options);
  const work = openQueue(client, options.queueName);
  const dead = openQueue(client, options.deadLetterQueueName);
  return {
    ring: async (rings) => {
      const batches = inBatches(rings);
      const answers = await Promise.allSettled(
        batches.map((batch) => work((queue) => sendBatch(client, queue, batch))),
      );
      const accepted = answers.filter((answer) => answer.status === 'fulfilled');
      const failed = answers.find((answer) => answer.status === 'rejected');
      // What some batches got through is worth knowing; nothing at all is an outage.
      if (accepted.length === 0 && failed !== undefined) throw failed.reason;
      return accepted.flatMap(({ value }) => value);
    },
    receive: (terms) => work((queue) => receive(client, queue, terms)),
    delete: async (receipts) => {
      const batches = inBatches([...new Set(receipts)]);
      await Promise.all(batches.map((batch) => work((queue) => deleteBatch(client, queue, batch))));
    },
    depth: async () => {
      const [ofWork, ofDead] = await Promise.all(
        [work, dead].map((ask) => ask((queue) => depthOf(client, queue))),
      );
      return { work: ofWork ?? EMPTY, dead: ofDead ?? EMPTY };
    },
    close: () => client.destroy(),
  };
}

const EMPTY: QueueDepth = { visible: 0, inFlight: 0 };

function connect({ endpoint, region }: SqsDoorbellOptions): SQSClient {
  return new SQSClient({
    region,
    maxAttempts: 2,
    // Emulators answer with a queue URL whose host does not resolve everywhere.
    useQueueUrlAsEndpoint: false,
    // Longer than the longest poll (20 s).
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined
      ? {}
      : { endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }),
  });
}

async function sendBatch(
  client: SQSClient,
  { queueUrl: QueueUrl, abortSignal }: Address,
  rings: readonly Ring[],
): Promise<TaskId[]> {
  const { Successful = [] } = await client.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: rings.map(({ taskId, traceparent }, at) => ({
        Id: String(at),
        MessageBody: JSON.stringify({ task_id: taskId }),
        ...(traceparent === undefined ? {} : { MessageAttributes: traceAttribute(traceparent) }),
      })),
    }),
    { abortSignal },
  );
  const accepted = new Set(Successful.map(({ Id }) => Id));
  return rings.filter((_, at) => accepted.has(String(at))).map(({ taskId }) => taskId);
}

function traceAttribute(traceparent: string) {
  return { [TRACE_ATTRIBUTE]: { DataType: 'String', StringValue: traceparent } };
}

async function receive(
  client: SQSClient,
  { queueUrl: QueueUrl }: Address,
  { max, waitSeconds, signal }: Parameters<Doorbell['receive']>[0],
): Promise<Rung[]> {
  if (signal.aborted) return [];
  const command = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: Math.min(max, BATCH_MAX),
    WaitTimeSeconds: waitSeconds,
    MessageAttributeNames: [TRACE_ATTRIBUTE],
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  const late = AbortSignal.timeout(waitSeconds * 1_000 + PATIENCE_MS);
  try {
    const abortSignal = AbortSignal.any([signal, late]);
    const { Messages = [] } = await client.send(command, { abortSignal });
    return Messages.map(rungOf);
  } catch (error) {
    if (signal.aborted) return [];
    throw error;
  }
}

function rungOf(message: Message): Rung {
  const { ReceiptHandle = '', Body = '', MessageAttributes, Attributes } = message;
  const taskId = taskIdIn(Body);
  const traceparent = MessageAttributes?.[TRACE_ATTRIBUTE]?.StringValue;
  return {
    receipt: ReceiptHandle,
    body: Body,
    ring: taskId === undefined ? undefined : { taskId, traceparent },
    receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
  };
}

const Body = z.object({ task_id: z.string() });

function taskIdIn(body: string): TaskId | undefined {
  const parsed = z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('not JSON');
        return z.NEVER;
      }
    })
    .pipe(Body)
    .safeParse(body);
  return parsed.success ? parseTaskId(parsed.data.task_id) : undefined;
}

/** A receipt that SQS does not know any more is one that is deleted, or whose message comes again. */
async function deleteBatch(
  client: SQSClient,
  { queueUrl: QueueUrl, abortSignal }: Address,
  receipts: readonly string[],
): Promise<void> {
  await client.send(
    new DeleteMessageBatchCommand({
      QueueUrl,
      Entries: receipts.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle })),
    }),
    { abortSignal },
  );
}

async function depthOf(
  client: SQSClient,
  { queueUrl: QueueUrl, abortSignal }: Address,
): Promise<QueueDepth> {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
    { abortSignal },
  );
  return {
    visible: Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0),
    inFlight: Number(Attributes?.['ApproximateNumberOfMessagesNotVisible'] ?? 0),
  };
}

function inBatches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / BATCH_MAX);
  return Array.from({ length: count }, (_, at) =>
    items.slice(at * BATCH_MAX, (at + 1) * BATCH_MAX),
  );
}
