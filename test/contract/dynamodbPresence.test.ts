import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../lib/kernel/clock.ts';
import { createDynamoPresence } from '../../lib/presence/adapters/dynamodb.ts';
import { createTestResources, skipWithoutTables, TEST_REGION } from '../support/testEdge.ts';
import { gpuLeaseContract } from './gpuLeases.ts';
import { aWorker, type PresenceRoom, presenceContract } from './presence.ts';

async function openRoom(clock: Clock): Promise<PresenceRoom> {
  const { endpoint, region, tableName, drop } = await createTestResources();
  const presence = createDynamoPresence({ endpoint, region, tableName, clock });
  return {
    presence,
    close: async () => {
      presence.close();
      await drop();
    },
  };
}

beforeEach(skipWithoutTables);

describe('the presence on DynamoDB', () => {
  presenceContract(openRoom);
  gpuLeaseContract(openRoom);

  test('a record that another version wrote in another form hides nobody else', async () => {
    const { endpoint, region, tableName, drop } = await createTestResources();
    const presence = createDynamoPresence({ endpoint, region, tableName, clock: systemClock });
    await presence.announce(aWorker('new'), 10_000);
    await presence.announce(aWorker('old'), 10_000);
    const dynamo = new DynamoDBClient({ endpoint, region });
    await dynamo.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: { pk: { S: 'worker#old' } },
        UpdateExpression: 'set #record = :record',
        ExpressionAttributeNames: { '#record': 'record' },
        ExpressionAttributeValues: { ':record': { S: '{"name":"old"}' } },
      }),
    );
    expect(await presence.liveWorkers()).toMatchObject([{ workerId: 'new' }]);
    dynamo.destroy();
    presence.close();
    await drop();
  });

  test('a table that cannot be reached is unavailable', async () => {
    const presence = createDynamoPresence({
      endpoint: 'http://127.0.0.1:1',
      region: TEST_REGION,
      tableName: 'none',
      clock: systemClock,
    });
    const unavailable = { kind: 'unavailable', code: 'presence_unavailable' };
    await expect(presence.liveWorkers()).rejects.toMatchObject(unavailable);
    await expect(presence.countUse('a', 1, 1_000)).rejects.toMatchObject(unavailable);
    await expect(presence.announce(aWorker('w'), 1_000)).rejects.toMatchObject(unavailable);
    presence.close();
  });
});
