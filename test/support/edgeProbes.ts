import {
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ExecuteStatementCommand,
  TransactWriteItemsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { Probe } from '../../infra/localstack/differences.ts';
import { startLongPoll } from './longPoll.ts';
import type { TestResources } from './testEdge.ts';

/** An emulator with queues and a table that nobody else uses. */
export interface Probed {
  resources: TestResources;
  sqs: SQSClient;
  dynamo: DynamoDBClient;
}

/** What an emulator does, in the words of differences.json. */
export const PROBES: Record<Probe, (probed: Probed) => Promise<string>> = {
  account: async (probed) => (await queueArn(probed)).split(':')[4] ?? 'none',

  queueUrl: async ({ sqs, resources }) => {
    const QueueName = resources.queueName;
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    return new URL(QueueUrl).hostname;
  },

  deadPoll: async ({ sqs, resources: { endpoint, queueUrl: QueueUrl } }) => {
    const receive = (WaitTimeSeconds: number) =>
      sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds }));
    const dying = await startLongPoll(endpoint, QueueUrl);
    // Answers to later questions: the emulator has the poll, and has seen its end.
    await receive(0);
    dying.destroy();
    await receive(0);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'not for the dead' }));
    const { Messages = [] } = await receive(2);
    return Messages.length > 0 ? 'given to the next' : 'hidden until its visibility time-out';
  },

  traceHeader: async ({ sqs, resources: { queueUrl: QueueUrl } }) => {
    const AWSTraceHeader = { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a9' };
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'traced',
        MessageSystemAttributes: { AWSTraceHeader },
      }),
    );
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds: 5,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages[0]?.Attributes?.AWSTraceHeader === undefined ? 'dropped' : 'kept';
  },

  moveTask: async (probed) => {
    const SourceArn = await queueArn(probed, probed.resources.deadLetterQueueUrl);
    return await outcome(probed.sqs.send(new StartMessageMoveTaskCommand({ SourceArn })));
  },

  timeToLive: async ({ dynamo, resources: { tableName: TableName } }) => {
    const told = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));
    // createTestResources has set it wherever it can be set.
    if (told.TimeToLiveDescription?.TimeToLiveStatus !== 'DISABLED') return 'works';
    const TimeToLiveSpecification = { AttributeName: 'expires_at', Enabled: true };
    return await outcome(
      dynamo.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification })),
    );
  },

  transaction: async ({ dynamo, resources: { tableName: TableName } }) => {
    const TransactItems = [{ Put: { TableName, Item: { pk: { S: 'transacted' } } } }];
    return await outcome(dynamo.send(new TransactWriteItemsCommand({ TransactItems })));
  },

  partiql: async ({ dynamo, resources: { tableName } }) => {
    const Statement = `select * from "${tableName}" where pk = 'nobody'`;
    return await outcome(dynamo.send(new ExecuteStatementCommand({ Statement })));
  },

  webPage: async ({ resources: { endpoint } }) => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        origin: 'https://evil.example',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.ListQueues',
        authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request',
      },
      body: '{}',
    });
    await response.text();
    return response.status === 403 ? 'refused' : 'answered';
  },

  health: async ({ resources: { endpoint } }) => {
    const response = await fetch(new URL('/_localstack/health', endpoint));
    await response.text();
    return response.ok ? 'works' : 'fails';
  },
};

async function queueArn({ sqs, resources }: Probed, queueUrl = resources.queueUrl) {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  return Attributes?.['QueueArn'] ?? '';
}

async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'works';
  } catch (error) {
    // Emulators name what they do not know in many ways, one by a page of HTML; but they answer.
    if (error instanceof Error && '$response' in error) return 'fails';
    throw error;
  }
}
