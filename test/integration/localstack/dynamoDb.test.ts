import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createTestResources,
  edgeEndpoint,
  skipWithoutAtomicWrites,
  skipWithoutTables,
  TEST_REGION,
} from '../../support/testEdge.ts';

beforeEach(skipWithoutTables);
beforeEach(skipWithoutAtomicWrites);

describe('the table of the edge', () => {
  const dynamo = new DynamoDBClient({ endpoint: edgeEndpoint(), region: TEST_REGION });
  let resources: Awaited<ReturnType<typeof createTestResources>>;
  let TableName: string;
  beforeAll(async () => {
    resources = await createTestResources();
    TableName = resources.tableName;
  });
  afterAll(async () => {
    await resources.drop();
    dynamo.destroy();
  });

  it('lets one of fifty contenders win a conditional write', async () => {
    const contend = (owner: number) =>
      dynamo.send(
        new PutItemCommand({
          TableName,
          Item: { pk: { S: 'gpu#0' }, owner: { N: String(owner) } },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => contend(n)));
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(lost).toHaveLength(49);
    expect(new Set(lost.map(({ reason }) => reason.name))).toEqual(
      new Set(['ConditionalCheckFailedException']),
    );
  });

  it('counts every use of a counter that fifty clients add to at once', async () => {
    const add = () =>
      dynamo.send(
        new UpdateItemCommand({
          TableName,
          Key: { pk: { S: 'uses' } },
          UpdateExpression: 'ADD used :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        }),
      );
    await Promise.all(Array.from({ length: 50 }, add));
    const { Item } = await dynamo.send(
      new GetItemCommand({ TableName, Key: { pk: { S: 'uses' } }, ConsistentRead: true }),
    );
    expect(Item?.['used']?.N).toBe('50');
  });
});
