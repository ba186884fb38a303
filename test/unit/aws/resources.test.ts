import { expect, test } from 'vitest';
import * as z from 'zod';
import { RESOURCES } from '../../../infra/localstack/resources.ts';
import { readTemplate } from '../../support/cloudFormation.ts';

/** The first stage has no suffix. */
const Name = z.string().transform((text) => text.replace('$' + '{param:suffix}', ''));
const GetArn = z
  .object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })
  .transform(({ 'Fn::GetAtt': [id] }) => id);

const Queue = z.object({
  QueueName: Name,
  VisibilityTimeout: z.int(),
  MessageRetentionPeriod: z.int(),
  SqsManagedSseEnabled: z.literal(true),
  RedrivePolicy: z.object({ deadLetterTargetArn: GetArn, maxReceiveCount: z.int() }).optional(),
});

const Table = z.object({
  TableName: Name,
  BillingMode: z.literal('PAY_PER_REQUEST'),
  AttributeDefinitions: z.tuple([
    z.object({ AttributeName: z.string(), AttributeType: z.literal('S') }),
  ]),
  KeySchema: z.tuple([z.object({ AttributeName: z.string(), KeyType: z.literal('HASH') })]),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.literal(true) }),
});

function declared<T>(type: string, shape: z.ZodType<T>): { id: string; properties: T }[] {
  return Object.entries(readTemplate('infra/aws/queues.yml').Resources).flatMap(
    ([id, { Type, Properties }]) =>
      Type === type ? [{ id, properties: shape.parse(Properties) }] : [],
  );
}

test('AWS and resources.json have the same queues', () => {
  const queues = declared('AWS::SQS::Queue', Queue);
  const nameOf = (id: string) => queues.find((queue) => queue.id === id)?.properties.QueueName;
  const onAws = queues.map(
    ({ properties: { QueueName, VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } }) => ({
      name: QueueName,
      visibilityTimeoutSeconds: VisibilityTimeout,
      retentionSeconds: MessageRetentionPeriod,
      deadLetterQueue: nameOf(RedrivePolicy?.deadLetterTargetArn ?? ''),
      maxReceiveCount: RedrivePolicy?.maxReceiveCount,
    }),
  );
  const listed = RESOURCES.queues.map(({ role: _role, ...queue }) => ({
    deadLetterQueue: undefined,
    maxReceiveCount: undefined,
    ...queue,
  }));
  expect(onAws).toEqual(listed);
});

test('AWS and resources.json have the same tables', () => {
  const onAws = declared('AWS::DynamoDB::Table', Table).map(({ properties: table }) => ({
    name: table.TableName,
    partitionKey: table.KeySchema[0].AttributeName,
    timeToLiveAttribute: table.TimeToLiveSpecification.AttributeName,
  }));
  expect(onAws).toEqual(RESOURCES.tables);
});
