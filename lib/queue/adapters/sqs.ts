import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { parseTaskId, type TaskId } from '../../kernel/ids.ts';
import type { Doorbell, QueueDepth, Ring, Rung } from '../queue.ts';

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

/** Queues are looked up by name when first needed, and again after one was not found: it may have been made anew. */
export function createSqsDoorbell(options: SqsDoorbellOptions): Doorbell {
  const client = connect(options);
  const work = createQueue(client, options.queueName);
  const dead = createQueue(client, options.deadLetterQueueName);
  return {
    ring: async (rings) => {
      const batches = inBatches(rings);
      const answers = await Promise.allSettled(
        batches.map((batch) => work((queueUrl) => sendBatch(client, queueUrl, batch))),
      );
      const accepted = answers.filter((answer) => answer.status === 'fulfilled');
      const failed = answers.find((answer) => answer.status === 'rejected');
      // What some batches got through is worth knowing; nothing at all is an outage.
      if (accepted.length === 0 && failed !== undefined) throw failed.reason;
      return accepted.flatMap(({ value }) => value);
    },
    receive: (terms) => work((queueUrl) => receive(client, queueUrl, terms)),
    delete: async (receipts) => {
      const batches = inBatches([...new Set(receipts)]);
      await Promise.all(
        batches.map((batch) => work((queueUrl) => deleteBatch(client, queueUrl, batch))),
      );
    },
    depth: async () => {
      const [ofWork, ofDead] = await Promise.all(
        [work, dead].map((queue) => queue((queueUrl) => depthOf(client, queueUrl))),
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

type Queue = <T>(call: (queueUrl: string) => Promise<T>) => Promise<T>;

function createQueue(client: SQSClient, name: string): Queue {
  let url: Promise<string> | undefined;
  const resolve = () => {
    url ??= findUrl(client, name).catch((error: unknown) => {
      url = undefined;
      throw error;
    });
    return url;
  };
  return async (call) => {
    try {
      return await call(await resolve()).catch(async (error: unknown) => {
        if (!isQueueMissing(error)) throw error;
        url = undefined;
        return call(await resolve());
      });
    } catch (cause) {
      throw unavailable(name, cause);
    }
  };
}

async function findUrl(client: SQSClient, name: string): Promise<string> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
  if (QueueUrl === undefined) throw new Error(`SQS gave no URL for ${name}`);
  return QueueUrl;
}

function isQueueMissing(error: unknown): boolean {
  return error instanceof Error && /NonExistentQueue|QueueDoesNotExist/.test(error.name);
}

function unavailable(queueName: string, cause: unknown): Refusal {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new Refusal('unavailable', `the queue ${queueName} cannot be reached: ${reason}`, {
    code: 'queue_unavailable',
    remedy:
      'tasks are safe without it; see whether SQS, or the edge that stands for it, is running',
    retryAfterSeconds: 2,
    cause,
  });
}

async function sendBatch(
  client: SQSClient,
  QueueUrl: string,
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
  );
  const accepted = new Set(Successful.map(({ Id }) => Id));
  return rings.filter((_, at) => accepted.has(String(at))).map(({ taskId }) => taskId);
}

function traceAttribute(traceparent: string) {
  return { [TRACE_ATTRIBUTE]: { DataType: 'String', StringValue: traceparent } };
}

async function receive(
  client: SQSClient,
  QueueUrl: string,
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
  try {
    const { Messages = [] } = await client.send(command, { abortSignal: signal });
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
  QueueUrl: string,
  receipts: readonly string[],
): Promise<void> {
  await client.send(
    new DeleteMessageBatchCommand({
      QueueUrl,
      Entries: receipts.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle })),
    }),
  );
}

async function depthOf(client: SQSClient, QueueUrl: string): Promise<QueueDepth> {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
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
