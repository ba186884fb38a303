import { randomBytes } from 'node:crypto';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteQueueCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { inject, type TestContext } from 'vitest';
import { createResources } from '../../infra/localstack/createResources.ts';
import { type ResourceNames, renamedResources } from '../../infra/localstack/resources.ts';
import { skipHere } from './emulator.ts';

export const TEST_REGION = 'us-east-1';

/** What every emulator takes; the AWS clients of the code under test look for them in the environment. */
export function useLocalCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'test';
}

useLocalCredentials();

/** Where SQS and DynamoDB answer: the embedded edge, or AWS_ENDPOINT_URL. */
export function edgeEndpoint(): string {
  return inject('emulator').endpoint;
}

/** For tests of DynamoDB, as a hook before each. */
export function skipWithoutTables(context: Pick<TestContext, 'task' | 'skip'>): void {
  const { name, tables } = inject('emulator');
  if (!tables) skipHere(context, `${name} runs without DynamoDB here`);
}

/** For tests in which many write to one item at once. */
export function skipWithoutAtomicWrites(context: Pick<TestContext, 'task' | 'skip'>): void {
  if (inject('emulator').name !== 'moto') return;
  skipHere(context, 'moto loses some of many writes at once: infra/localstack/differences.md');
}

export interface TestResources {
  endpoint: string;
  region: string;
  queueName: string;
  queueUrl: string;
  deadLetterQueueName: string;
  deadLetterQueueUrl: string;
  tableName: string;
  drop(): Promise<void>;
}

export interface TestResourceOptions {
  visibilityTimeoutSeconds?: number;
  maxReceiveCount?: number;
}

/**
 * A queue pair and a table that nobody else uses, in the shapes of resources.json unless told otherwise. No table where
 * the emulator has no DynamoDB.
 */
export async function createTestResources(
  options: TestResourceOptions = {},
): Promise<TestResources> {
  const endpoint = edgeEndpoint();
  const suffix = randomBytes(6).toString('hex');
  const names = {
    queueName: `test-tasks-${suffix}`,
    deadLetterQueueName: `test-tasks-dead-${suffix}`,
    presenceTable: `test-presence-${suffix}`,
  };
  await createResources(endpoint, { region: TEST_REGION, resources: shapes(names, options) });
  const sqs = new SQSClient({ endpoint, region: TEST_REGION });
  const urlOf = async (QueueName: string) => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    if (QueueUrl === undefined) throw new Error(`no URL of queue ${QueueName}`);
    return QueueUrl;
  };
  const urls = {
    queueUrl: await urlOf(names.queueName),
    deadLetterQueueUrl: await urlOf(names.deadLetterQueueName),
  };
  sqs.destroy();
  const { presenceTable: tableName, ...queueNames } = names;
  const drop = () => dropResources(endpoint, Object.values(urls), tableName);
  return { endpoint, region: TEST_REGION, ...queueNames, ...urls, tableName, drop };
}

function shapes(names: ResourceNames, options: TestResourceOptions) {
  const { queues, tables } = renamedResources(names);
  const hasTables = inject('emulator').tables;
  const { visibilityTimeoutSeconds, maxReceiveCount } = options;
  return {
    tables: hasTables ? tables : [],
    queues: queues.map((queue) => ({
      ...queue,
      visibilityTimeoutSeconds: visibilityTimeoutSeconds ?? queue.visibilityTimeoutSeconds,
      ...(maxReceiveCount !== undefined && queue.role === 'work' ? { maxReceiveCount } : {}),
    })),
  };
}

async function dropResources(endpoint: string, queueUrls: string[], TableName: string) {
  const sqs = new SQSClient({ endpoint, region: TEST_REGION, useQueueUrlAsEndpoint: false });
  const dynamo = new DynamoDBClient({ endpoint, region: TEST_REGION });
  for (const QueueUrl of queueUrls) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  if (inject('emulator').tables) await dynamo.send(new DeleteTableCommand({ TableName }));
  sqs.destroy();
  dynamo.destroy();
}
