import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DIFFERENCES } from '../../../infra/localstack/differences.ts';
import { PROBES, type Probed } from '../../support/edgeProbes.ts';
import { skipHere } from '../../support/emulator.ts';
import { createTestResources, edgeEndpoint, TEST_REGION } from '../../support/testEdge.ts';

describe('what is recorded of this emulator', () => {
  let probed: Probed;
  beforeAll(async () => {
    const client = { endpoint: edgeEndpoint(), region: TEST_REGION };
    probed = {
      resources: await createTestResources(),
      sqs: new SQSClient({ ...client, maxAttempts: 1, useQueueUrlAsEndpoint: false }),
      dynamo: new DynamoDBClient({ ...client, maxAttempts: 1 }),
    };
  });
  afterAll(async () => {
    probed.sqs.destroy();
    probed.dynamo.destroy();
    await probed.resources.drop();
  });

  it.for(DIFFERENCES)('holds of $probe', async ({ probe, found }, context) => {
    const { name } = inject('emulator');
    if (name === 'another') return skipHere(context, 'nothing is recorded of this emulator');
    const expected = found[name];
    if (expected === undefined) return skipHere(context, `${name} runs without DynamoDB here`);
    expect(await PROBES[probe](probed)).toBe(expected);
  });
});
