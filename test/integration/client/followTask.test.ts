import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../../lib/client/client.ts';
import { createClient } from '../../../lib/client/createClient.ts';
import { ApiProblem, Unreachable } from '../../../lib/client/errors.ts';
import type { Followed } from '../../../lib/client/follow.ts';
import { claim, fail, say, succeed } from '../../support/actWorker.ts';
import { startCuttingProxy } from '../../support/cuttingProxy.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';

let service: Service;
beforeAll(async () => {
  service = await openService({ STREAM_HEARTBEAT_MS: '50' });
});
afterAll(() => service?.close());

async function submit(): Promise<string> {
  const payload = smallPayload(service.deps.config.workspaceRoot);
  return (await service.client.submitTask(payload)).task_id;
}

async function follow(client: Client, taskId: string, after?: number): Promise<Followed[]> {
  const signal = AbortSignal.timeout(20_000);
  const seen: Followed[] = [];
  for await (const item of client.followTask(taskId, { after, signal })) seen.push(item);
  expect(signal.aborted).toBe(false);
  return seen;
}

function sequencesOf(seen: Followed[]): number[] {
  return seen.flatMap((item) => (item.kind === 'event' ? [item.event.seq] : []));
}

function upTo(last: number, first = 1): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

test('a follower sees one snapshot and every event, and ends with the task', async () => {
  const taskId = await submit();
  const following = follow(service.client, taskId);
  const held = await claim(service.deps, taskId);
  await say(service.deps, held, 20);
  await succeed(service.deps, held);
  const seen = await following;
  expect(seen[0]).toMatchObject({ kind: 'snapshot', task: { task_id: taskId, status: 'queued' } });
  expect(seen.filter(({ kind }) => kind === 'snapshot')).toHaveLength(1);
  expect(sequencesOf(seen)).toEqual(upTo(23));
});

test('connections that are cut again and again leave no gap and no duplicate', async () => {
  const taskId = await submit();
  const held = await claim(service.deps, taskId);
  await say(service.deps, held, 30);
  // Enough for the head and the snapshot, and then some bytes more each time: cuts fall everywhere.
  let bytes = 2_000;
  const proxy = await startCuttingProxy(service.url, () => {
    bytes += 37;
    return bytes;
  });
  const following = follow(createClient({ url: proxy.url }), taskId, 0);
  await say(service.deps, held, 30);
  await succeed(service.deps, held);
  const seen = await following;
  await proxy.close();
  expect(proxy.cuts).toBeGreaterThan(5);
  expect(sequencesOf(seen)).toEqual(upTo(63));
  expect(seen.filter(({ kind }) => kind === 'snapshot')).toHaveLength(1);
  expect(seen.filter(({ kind }) => kind === 'reconnecting').length).toBeGreaterThan(5);
});

test('a follower starts after its cursor, and at the very end has nothing to see', async () => {
  const taskId = await submit();
  const held = await claim(service.deps, taskId);
  await say(service.deps, held, 2);
  await succeed(service.deps, held);
  expect(sequencesOf(await follow(service.client, taskId, 3))).toEqual([4, 5]);
  expect(await follow(service.client, taskId, 5)).toEqual([]);
});

test('an end that a resume undid is not the end', async () => {
  const taskId = await submit();
  await fail(service.deps, await claim(service.deps, taskId));
  await service.client.resumeTask(taskId, { from: 'start' });
  await succeed(service.deps, await claim(service.deps, taskId));
  expect(sequencesOf(await follow(service.client, taskId))).toEqual(upTo(6));
});

test('a cursor that the log does not have is reset, and told', async () => {
  const taskId = await submit();
  const seen: Followed[] = [];
  for await (const item of service.client.followTask(taskId, { after: 50 })) {
    seen.push(item);
    if (item.kind === 'snapshot') {
      await succeed(service.deps, await claim(service.deps, taskId));
    }
  }
  expect(seen.filter(({ kind }) => kind !== 'heartbeat')).toMatchObject([
    { kind: 'reset', reason: 'cursor_beyond_log', lastSeq: 1 },
    { kind: 'snapshot', task: { last_seq: 1 } },
    { kind: 'event', event: { seq: 2 } },
    { kind: 'event', event: { seq: 3 } },
  ]);
});

test('a follower that leaves ends quietly, and the task goes on', async () => {
  const taskId = await submit();
  const control = new AbortController();
  const seen: string[] = [];
  for await (const item of service.client.followTask(taskId, { signal: control.signal })) {
    seen.push(item.kind);
    if (item.kind === 'heartbeat') control.abort();
  }
  expect(seen).toEqual(['snapshot', 'event', 'heartbeat']);
  expect((await service.client.getTask(taskId)).status).toBe('queued');
});

test('an unknown task and an unreachable service are told at once', async () => {
  const unknown = service.client.followTask('01938f2e-6f00-7000-8000-000000000001');
  await expect(unknown[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(ApiProblem);
  const away = createClient({ url: 'http://127.0.0.1:9' }).followTask('x');
  await expect(away[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(Unreachable);
});

test('a service that stays lost is given up', async () => {
  const taskId = await submit();
  const proxy = await startCuttingProxy(service.url, () => 1_000_000);
  const client = createClient({ url: proxy.url });
  const following = async () => {
    for await (const item of client.followTask(taskId, { giveUpAfterMs: 300 })) {
      if (item.kind === 'snapshot') await proxy.close();
    }
  };
  await expect(following()).rejects.toBeInstanceOf(Unreachable);
});
