import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createResources } from '../../infra/localstack/createResources.ts';
import { startEdge } from '../../infra/localstack/edge.ts';
import { RESOURCES } from '../../infra/localstack/resources.ts';
import { startPostgres } from '../../infra/postgres/startPostgres.ts';
import { migrate } from '../../lib/db/migrate.ts';
import { followStream } from '../chaos/followStream.ts';
import { type House, openHouse, type WorkerProcess } from '../support/house.ts';
import { ADD_REPOSITORY, addTask, RIGHT_ANSWER } from '../support/pythonTask.ts';
import { startScriptedModelServer } from '../support/scriptedModelServer.ts';
import { eventsOf, expectOneEnd, isStepStart, whenSeen } from '../support/watchTask.ts';

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** Nobody listens on the discard port of loopback. */
const NOBODY = 'http://127.0.0.1:9';
const OWN_NAMES = {
  QUEUE_NAME: RESOURCES.queues.find(({ role }) => role === 'work')?.name ?? '',
  DEAD_LETTER_QUEUE_NAME: RESOURCES.queues.find(({ role }) => role === 'dead')?.name ?? '',
  PRESENCE_TABLE: RESOURCES.tables[0]?.name ?? '',
};

async function openedHouse(env: Record<string, string>): Promise<House> {
  const house = await openHouse(env);
  undo.push(() => house.close());
  return house;
}

async function submit(house: House): Promise<string> {
  house.seed(ADD_REPOSITORY);
  return (await house.client.submitTask(addTask(house.workspace))).task_id;
}

async function workerWithModel(house: House, after?: Promise<void>): Promise<WorkerProcess> {
  const answer = { text: RIGHT_ANSWER, ...(after === undefined ? {} : { after }) };
  const model = await startScriptedModelServer({ answers: [answer] });
  undo.push(() => model.close());
  return house.startWorker({ MODEL_SERVERS: `scripted=${model.url}` });
}

/** Queues of its own, which can be stopped and started again, empty, at the same address. */
async function ownEdge() {
  let edge = await startEdge({ port: 0 });
  const { endpoint, port } = edge;
  await createResources(endpoint);
  undo.push(() => edge.stop());
  return {
    endpoint,
    stop: () => edge.stop(),
    startAgain: async () => {
      edge = await startEdge({ port });
      await createResources(endpoint);
    },
  };
}

test('a task that is submitted while the queue is away is accepted, and runs when the queue is back', async () => {
  const edge = await ownEdge();
  const house = await openedHouse({ AWS_ENDPOINT_URL: edge.endpoint, ...OWN_NAMES });
  await edge.stop();
  const taskId = await submit(house);
  expect(await house.client.getTask(taskId)).toMatchObject({ status: 'queued', last_seq: 1 });
  await edge.startAgain();
  await workerWithModel(house);
  expect(await house.ended(taskId)).toMatchObject({ verdict: { name: 'verified' }, attempt: 1 });
  expectOneEnd(await eventsOf(house.client, taskId));
});

test('a worker that waits at the queue when it goes away runs what is submitted meanwhile', async () => {
  const edge = await ownEdge();
  const house = await openedHouse({ AWS_ENDPOINT_URL: edge.endpoint, ...OWN_NAMES });
  await workerWithModel(house);
  await house.ended(await submit(house));
  await edge.stop();
  expect(await house.ended(await submit(house))).toMatchObject({ status: 'succeeded' });
  await edge.startAgain();
  expect(await house.ended(await submit(house))).toMatchObject({ status: 'succeeded' });
});

test('a worker that is told to stop while the queue is away hands its task back and ends well', async () => {
  const house = await openedHouse({ AWS_ENDPOINT_URL: NOBODY, DRAIN_MS: '100' });
  const worker = await workerWithModel(house, new Promise(() => undefined));
  const taskId = await submit(house);
  await whenSeen(house.client, taskId, isStepStart('code.1'));
  await worker.kill('SIGTERM');
  expect(worker.child.exitCode, worker.output()).toBe(0);
  expect((await house.client.getTask(taskId)).status).toBe('queued');
});

test('a restart of Postgres under a running task costs neither the run nor an event of the open stream', async () => {
  const home = mkdtempSync(join(tmpdir(), 'agent-outage-'));
  undo.push(() => rmSync(home, { recursive: true, force: true }));
  const options = { home, logFile: join(home, 'postgres.log') };
  let postgres = await startPostgres({ ...options, port: 0 });
  undo.push(() => postgres.stop());
  await migrate(postgres.url);
  const house = await openedHouse({ DATABASE_URL: postgres.url, LEASE_MS: '20000' });
  const answer = Promise.withResolvers<void>();
  const worker = await workerWithModel(house, answer.promise);
  const taskId = await submit(house);
  const signal = AbortSignal.timeout(60_000);
  const stays = { next: () => 1, between: () => 0 };
  const witnessing = followStream(`${house.url}/v1/stream/${taskId}`, stays, signal);
  await whenSeen(house.client, taskId, isStepStart('code.1'));
  process.kill(postgres.pid, 'SIGKILL');
  postgres = await startPostgres({ ...options, port: postgres.port });
  answer.resolve();
  expect(await house.ended(taskId)).toMatchObject({ verdict: { name: 'verified' }, attempt: 1 });
  const events = await eventsOf(house.client, taskId);
  expectOneEnd(events);
  const witness = await witnessing;
  expect(witness).toMatchObject({ faults: [], connections: 1 });
  expect(witness.sequences).toEqual(events.map(({ seq }) => seq));
  expect(worker.child.exitCode).toBeNull();
});
