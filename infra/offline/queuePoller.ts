import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Context, SQSEvent } from 'aws-lambda';
import { lambdaContext } from '../gateway/lambdaContext.ts';
import type { GatewayLogger } from '../gateway/route.ts';
import { failedMessages } from './failedMessages.ts';
import { queueEvent } from './queueEvent.ts';

export type QueueHandler = (event: SQSEvent, context: Context) => Promise<unknown>;

/** One SQS trigger of one function, as an `sqs` event of serverless.yml declares it. */
export interface QueueTrigger {
  functionName: string;
  queueName: string;
  /** Messages a call, 10 at most. */
  batchSize: number;
  /** `functionResponseType: ReportBatchItemFailures`. */
  reportsFailures: boolean;
  timeoutMs: number;
  handler: QueueHandler;
}

export interface QueuePoller {
  /** Ends the long poll at once, and lets a running call finish. */
  stop(): Promise<void>;
}

const LONG_POLL_SECONDS = 20;
const RETRY_MS = 1_000;

/**
 * Lambda's event source mapping: long-polls, calls the function, and deletes what it did not report as failed. The rest
 * comes back when its visibility timeout is over.
 */
export function startQueuePoller(
  client: SQSClient,
  trigger: QueueTrigger,
  logger: GatewayLogger,
): QueuePoller {
  const stopping = new AbortController();
  const done = poll({ client, trigger, logger, signal: stopping.signal });
  return {
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}

interface Poll {
  client: SQSClient;
  trigger: QueueTrigger;
  logger: GatewayLogger;
  signal: AbortSignal;
}

async function poll(work: Poll): Promise<void> {
  while (!work.signal.aborted) {
    try {
      await deliverNext(work);
    } catch (error) {
      if (work.signal.aborted) return;
      work.logger.warn('the queue cannot be reached', { queue: work.trigger.queueName, error });
      await delay(RETRY_MS, undefined, { signal: work.signal }).catch(() => undefined);
    }
  }
}

async function deliverNext({ client, trigger, logger, signal }: Poll): Promise<void> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: trigger.queueName }), {
    abortSignal: signal,
  });
  const receive = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: trigger.batchSize,
    WaitTimeSeconds: LONG_POLL_SECONDS,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  const { Messages = [] } = await client.send(receive, { abortSignal: signal });
  if (Messages.length === 0) return;
  const failed = await callFunction(trigger, Messages, logger);
  const Entries = Messages.filter(({ MessageId = '' }) => !failed.has(MessageId)).map(
    ({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }),
  );
  if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
}

/** Ids of the messages that failed. A call that throws or takes too long fails all of them. */
async function callFunction(
  trigger: QueueTrigger,
  messages: Message[],
  logger: GatewayLogger,
): Promise<Set<string>> {
  const ids = messages.map(({ MessageId = '' }) => MessageId);
  const context = lambdaContext(trigger.functionName, randomUUID(), trigger.timeoutMs);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('timed out')), trigger.timeoutMs);
  try {
    const call = trigger.handler(queueEvent(trigger.queueName, messages), context);
    const answer = await Promise.race([call, late.promise]);
    return trigger.reportsFailures ? failedMessages(answer, ids) : new Set();
  } catch (error) {
    logger.error('the function failed', { function: trigger.functionName, error });
    return new Set(ids);
  } finally {
    clearTimeout(timer);
  }
}
