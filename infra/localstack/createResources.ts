import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type QueueShape, RESOURCES, type Resources, type TableShape } from './resources.ts';

export interface CreateOptions {
  region?: string;
  resources?: Resources;
}

/** Creates what is missing and sets the attributes of what is there; idempotent. */
export async function createResources(
  endpoint: string,
  { region = 'us-east-1', resources = RESOURCES }: CreateOptions = {},
): Promise<void> {
  const settings = { endpoint, region, credentials: localCredentials() };
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const dynamo = new DynamoDBClient(settings);
  try {
    for (const queue of resources.queues) await createQueue(sqs, queue);
    for (const table of resources.tables) await createTable(dynamo, table, endpoint);
  } finally {
    sqs.destroy();
    dynamo.destroy();
  }
}

/** What every emulator takes, unless the user names other ones. */
function localCredentials(): { accessKeyId: string; secretAccessKey: string } {
  return {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
  };
}

/** Attributes are set apart: creating a queue that is there with other attributes is refused. */
async function createQueue(sqs: SQSClient, queue: QueueShape): Promise<void> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queue.name }));
  const Attributes: Partial<Record<QueueAttributeName, string>> = {
    VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(queue.retentionSeconds),
  };
  if (queue.deadLetterQueue !== undefined) {
    Attributes.RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: await queueArn(sqs, queue.deadLetterQueue),
      maxReceiveCount: queue.maxReceiveCount,
    });
  }
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
}

async function queueArn(sqs: SQSClient, name: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const arn = Attributes?.['QueueArn'];
  if (arn === undefined) throw new Error(`the emulator told no ARN of queue ${name}`);
  return arn;
}

async function createTable(dynamo: DynamoDBClient, table: TableShape, endpoint: string) {
  try {
    await dynamo.send(
      new CreateTableCommand({
        TableName: table.name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: table.partitionKey, AttributeType: 'S' }],
        KeySchema: [{ AttributeName: table.partitionKey, KeyType: 'HASH' }],
      }),
    );
  } catch (error) {
    if (!isNamed(error, 'ResourceInUseException')) throw error;
  }
  await waitUntilTableExists(
    { client: dynamo, maxWaitTime: 30, minDelay: 0.05, maxDelay: 1 },
    { TableName: table.name },
  );
  await expireItems(dynamo, table, endpoint);
}

async function expireItems(dynamo: DynamoDBClient, table: TableShape, endpoint: string) {
  const TableName = table.name;
  const told = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));
  if (told.TimeToLiveDescription?.TimeToLiveStatus !== 'DISABLED') return;
  const TimeToLiveSpecification = { AttributeName: table.timeToLiveAttribute, Enabled: true };
  try {
    await dynamo.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  } catch (error) {
    // The embedded edge deletes nothing by itself; expiry is tested at every read anyway.
    if (isNamed(error, 'UnknownOperationException') && (await isEmbedded(endpoint))) return;
    throw error;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

async function isEmbedded(endpoint: string): Promise<boolean> {
  const response = await fetch(new URL('/_localstack/health', endpoint));
  const health: unknown = await response.json();
  return (
    typeof health === 'object' &&
    health !== null &&
    'edition' in health &&
    health.edition === 'embedded'
  );
}
