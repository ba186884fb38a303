import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { Refusal } from '../../kernel/errors.ts';

/**
 * How long a call is waited for, its retry and the look-up of the queue included. A queue that takes a call and never
 * answers must not hold up a sweep, and the task is safe without it; a long poll has this time beyond its own.
 */
export const PATIENCE_MS = 3_000;

/** What one call is made with: where to, and until when. */
export interface Address {
  queueUrl: string;
  abortSignal: AbortSignal;
}

/** Makes one call. */
type Queue = <T>(call: (queue: Address) => Promise<T>) => Promise<T>;

/**
 * A queue by its name, which is looked up when it is first needed, and again after it was not found: it may have been made
 * anew. Its calls throw `Refusal('unavailable')`.
 */
export function openQueue(client: SQSClient, name: string): Queue {
  let url: Promise<string> | undefined;
  const resolve = async (abortSignal: AbortSignal): Promise<Address> => {
    url ??= findUrl(client, name, abortSignal).catch((error: unknown) => {
      url = undefined;
      throw error;
    });
    return { queueUrl: await url, abortSignal };
  };
  return async (call) => {
    const late = AbortSignal.timeout(PATIENCE_MS);
    try {
      return await call(await resolve(late)).catch(async (error: unknown) => {
        if (!isQueueMissing(error)) throw error;
        url = undefined;
        return call(await resolve(late));
      });
    } catch (cause) {
      throw unavailable(name, isAbort(cause) ? new NoAnswer(cause) : cause);
    }
  };
}

class NoAnswer extends Error {
  constructor(cause: unknown) {
    super(`it took the call and gave no answer in ${PATIENCE_MS / 1_000} s`, { cause });
    this.name = 'NoAnswer';
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

async function findUrl(client: SQSClient, name: string, abortSignal: AbortSignal): Promise<string> {
  const command = new GetQueueUrlCommand({ QueueName: name });
  const { QueueUrl } = await client.send(command, { abortSignal });
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
