import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { handler as deadLetter } from '../../../functions/deadLetter/handler.ts';
import { handler as migrate } from '../../../functions/migrate/handler.ts';
import { handler as sweeper } from '../../../functions/sweeper/handler.ts';
import { deadLetter as handleLetter } from '../../../lib/app/deadLetter.ts';
import type { TaskId } from '../../../lib/kernel/ids.ts';
import { ModelCard } from '../../../lib/models/card.ts';
import { HealthAnswer, ModelsAnswer } from '../../../lib/task/answers.ts';
import { claim, succeed } from '../../support/actWorker.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';
import { refused } from '../../support/refused.ts';

const SCAFFOLD = ModelCard.parse({
  id: 'scaffold',
  provider: 'scaffold',
  family: 'scaffold',
  context_tokens: 8_192,
  languages: ['python'],
  licence: 'MIT',
  preference: 0,
  llm: false,
});

let service: Service;
beforeAll(async () => {
  service = await openService();
  const { presence, clock } = service.deps;
  await presence.announce(
    {
      workerId: 'worker-1',
      host: 'here',
      pid: 1,
      startedAt: clock.now(),
      concurrency: 2,
      running: 1,
      gpu: { kind: 'none', why: 'no driver', ramFreeMiB: 8_192 },
      models: [SCAFFOLD],
      troubles: [{ server: 'box', problem: 'no answer in 2000 ms' }],
      sandbox: { tier: 'bubblewrap', detail: 'all claims held' },
      toolchains: { python3: '3.12' },
    },
    60_000,
  );
});
afterAll(() => service?.close());

async function submit(): Promise<string> {
  const payload = smallPayload(service.deps.config.workspaceRoot);
  return (await service.client.submitTask(payload)).task_id;
}

test('a service with a worker is well, and shows what the worker has', async () => {
  const response = await service.call('GET', '/health', { key: null });
  expect(response.status).toBe(200);
  expect(HealthAnswer.parse(await response.json())).toMatchObject({
    status: 'ok',
    database: { ok: true },
    queue: { ok: true, dead: 0 },
    workers: { ok: true, alive: 1, slots: 2, running: 1 },
    sandbox: { ok: true, tier: 'bubblewrap' },
    models: {
      runtimes: [{ provider: 'scaffold', server: null, models: ['scaffold'] }],
      troubles: [{ server: 'box', problem: 'no answer in 2000 ms' }],
    },
  });
});

test('models are listed by what was asked for, the ineligible only on demand and with reasons', async () => {
  const ask = async (query: string) =>
    ModelsAnswer.parse(await (await service.call('GET', `/v1/models${query}`)).json());
  expect(await ask('')).toMatchObject({
    workers_alive: 1,
    data: [{ id: 'scaffold', eligible: true }],
    troubles: [{ server: 'box', problem: 'no answer in 2000 ms' }],
  });
  expect((await ask('?language=python&frameworks=flask,pytest&context=4000')).data).toHaveLength(1);
  expect((await ask('?language=java')).data).toEqual([]);
  const [served, ...known] = (await ask('?language=java&all=true')).data;
  expect(served).toMatchObject({
    ...{ eligible: false, reasons: ['it does not write java'], workers: ['worker-1'] },
    ...{ served: true, get: null },
  });
  expect(known.length).toBeGreaterThan(10);
  expect(known.every((model) => !model.served && !model.eligible)).toBe(true);
  expect(known.find(({ id }) => id === 'qwen2.5-coder-7b')).toMatchObject({
    fits: true,
    reasons: ['no model server that was found serves it'],
    get: 'npx agentctl models pull qwen2.5-coder-7b',
  });
  await refused(await service.call('GET', '/v1/models?max_tokens=0'), 422);
  await refused(await service.call('GET', '/v1/models?language=cobol'), 422);
});

test('metrics tell what has happened, over all processes', async () => {
  await succeed(service.deps, await claim(service.deps, await submit()));
  const response = await service.call('GET', '/metrics', { key: null });
  expect(response.headers.get('content-type')).toContain('text/plain');
  const text = await response.text();
  expect(text).toMatch(/^tasks\{status="succeeded",verdict="partially_verified"\} 1$/m);
  expect(text).toMatch(/^tasks_submitted_total 1$/m);
  expect(text).toMatch(/^workers_alive 1$/m);
  expect(text).toMatch(/^compile_pass_total 0$/m);
  expect(text).toMatch(/^queue_depth\{queue="work",state="visible"\} \d+$/m);
});

test('the description of the API is served', async () => {
  const response = await service.call('GET', '/openapi.json', { key: null });
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toMatchObject({ openapi: '3.1.1' });
});

test('the sweeper rings for a task whose ring was lost', async () => {
  const taskId = await submit();
  await drainQueue();
  await service.deps.store.ringAgain(taskId as TaskId);
  await sweeper();
  expect(await drainQueue()).toEqual([taskId]);
});

test('a dead letter never ends a task: it is rung for again', async () => {
  const taskId = await submit();
  await drainQueue();
  const answer = await deadLetter(letters([JSON.stringify({ task_id: taskId }), 'not JSON', '{}']));
  expect(answer).toEqual({ batchItemFailures: [] });
  expect((await service.client.getTask(taskId)).status).toBe('queued');
  await sweeper();
  expect(await drainQueue()).toEqual([taskId]);
});

test('a dead letter of an ended or unknown task changes nothing', async () => {
  const taskId = await submit();
  await succeed(service.deps, await claim(service.deps, taskId));
  await drainQueue();
  const unknown = '01938f2e-6f00-7000-8000-000000000001';
  const outcomes = [taskId, unknown].map((task_id) =>
    handleLetter(service.deps, JSON.stringify({ task_id })),
  );
  expect(await Promise.all(outcomes)).toEqual(['ended', 'missing']);
  await sweeper();
  expect(await drainQueue()).toEqual([]);
  expect((await service.client.getTask(taskId)).status).toBe('succeeded');
});

test('a migrated database is left as it is', async () => {
  expect(await migrate()).toEqual({ applied: [] });
});

/** Takes every ring out of the queue; a marker that comes back tells that nothing is left before it. */
async function drainQueue(): Promise<string[]> {
  const { config, doorbell } = service.deps;
  const sqs = new SQSClient({
    region: config.awsRegion,
    ...(config.awsEndpointUrl === undefined ? {} : { endpoint: config.awsEndpointUrl }),
    useQueueUrlAsEndpoint: false,
  });
  const QueueUrl = `${config.awsEndpointUrl}/000000000000/${config.queueName}`;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'marker' }));
  sqs.destroy();
  const taken: string[] = [];
  const signal = AbortSignal.timeout(10_000);
  for (let isDrained = false; !isDrained; ) {
    const rung = await doorbell.receive({ max: 10, waitSeconds: 5, signal });
    await doorbell.delete(rung.map(({ receipt }) => receipt));
    taken.push(...rung.flatMap(({ ring }) => (ring === undefined ? [] : [ring.taskId])));
    isDrained = rung.some(({ body }) => body === 'marker') || signal.aborted;
  }
  return taken;
}

function letters(bodies: string[]): SQSEvent {
  const records = bodies.map((body, at) => ({
    messageId: `m${at}`,
    receiptHandle: `r${at}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:dead',
    awsRegion: 'us-east-1',
  }));
  return { Records: records };
}
