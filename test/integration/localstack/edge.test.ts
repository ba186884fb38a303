import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResources } from '../../../infra/localstack/createResources.ts';
import { type RunningEdge, startEdge } from '../../../infra/localstack/edge.ts';
import { RESOURCES } from '../../../infra/localstack/resources.ts';

describe('the embedded edge', () => {
  let edge: RunningEdge;
  beforeAll(async () => {
    edge = await startEdge({ port: 0 });
  });
  afterAll(async () => await edge.stop());

  const ask = async (path: string) => await (await fetch(new URL(path, edge.endpoint))).json();

  it('tells by the paths of LocalStack that it runs and when its queues are there', async () => {
    expect(await ask('/_localstack/health')).toMatchObject({
      services: { sqs: 'running', dynamodb: 'running' },
      edition: 'embedded',
    });
    expect(await ask('/_localstack/init/ready')).toMatchObject({ completed: false });
    await createResources(edge.endpoint);
    edge.markReady();
    expect(await ask('/_localstack/init/ready')).toMatchObject({ completed: true });
  });

  it('is given the same queues twice without harm, and a changed attribute is set', async () => {
    await createResources(edge.endpoint);
    const queues = RESOURCES.queues.map((queue) => ({ ...queue, visibilityTimeoutSeconds: 7 }));
    await createResources(edge.endpoint, { resources: { ...RESOURCES, queues } });
    const sqs = new SQSClient({
      endpoint: edge.endpoint,
      region: 'us-east-1',
      useQueueUrlAsEndpoint: false,
    });
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'agent-tasks' }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      VisibilityTimeout: '7',
      RedrivePolicy:
        '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:agent-tasks-dead","maxReceiveCount":5}',
    });
    sqs.destroy();
  });

  it('refuses a web page', async () => {
    const response = await fetch(edge.endpoint, {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'x-amz-target': 'DynamoDB_20120810.ListTables' },
      body: '{}',
    });
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('names what it was asked for when it has no such service', async () => {
    const response = await fetch(edge.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
      body: '{}',
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('AWSEvents.PutEvents');
  });

  it('outlives a client that leaves in the middle of its request', async () => {
    const socket = connect(edge.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Length: 99\r\n\r\n{"half',
    );
    await ask('/_localstack/health');
    socket.resetAndDestroy();
    expect(await ask('/_localstack/health')).toMatchObject({ edition: 'embedded' });
  });

  it('says that its port is taken', async () => {
    await expect(startEdge({ port: edge.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('listens on loopback only', async (context) => {
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find((address) => !address.internal && address.family === 'IPv4');
    if (outside === undefined) return context.skip('this machine has no address but loopback');
    const socket = connect(edge.port, outside.address);
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
