import { afterAll, beforeAll, expect, test } from 'vitest';
import { TaskView } from '../../../lib/task/view.ts';
import { claim, fail, say, succeed } from '../../support/actWorker.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';
import { readStream, type StreamRead, sequencesOf } from '../../support/readStream.ts';
import { refused } from '../../support/refused.ts';

let service: Service;
beforeAll(async () => {
  service = await openService({ STREAM_HEARTBEAT_MS: '100' });
});
afterAll(() => service?.close());

async function submit(): Promise<string> {
  const payload = smallPayload(service.deps.config.workspaceRoot);
  return (await service.client.submitTask(payload)).task_id;
}

/** submitted, claimed, `lines` of log, finished. */
async function endedTask(lines: number): Promise<string> {
  const taskId = await submit();
  const held = await claim(service.deps, taskId);
  await say(service.deps, held, lines);
  await succeed(service.deps, held);
  return taskId;
}

const streamOf = (taskId: string, query = '') => `${service.url}/v1/stream/${taskId}${query}`;

function upTo(last: number, first = 1): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function snapshotOf({ messages }: StreamRead): TaskView {
  const snapshot = messages.find(({ event }) => event === 'snapshot');
  return TaskView.parse(JSON.parse(snapshot?.data ?? 'null'));
}

test('an ended task is replayed whole, and the stream closes', async () => {
  const read = await readStream(streamOf(await endedTask(3)));
  expect(read.status).toBe(200);
  expect(Object.fromEntries(read.headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  expect(read.text.startsWith('retry: 1000\n\nevent: snapshot\n')).toBe(true);
  expect(read.messages.map(({ event }) => event)).toEqual([
    'snapshot',
    'task.submitted',
    'task.claimed',
    'log.appended',
    'log.appended',
    'log.appended',
    'task.finished',
  ]);
  expect(sequencesOf(read)).toEqual(upTo(6));
});

test('the data of an event is one line of JSON with all that it is', async () => {
  const taskId = await endedTask(1);
  const { messages } = await readStream(streamOf(taskId));
  const line = messages.find(({ event }) => event === 'log.appended');
  expect(JSON.parse(line?.data ?? '')).toMatchObject({
    task_id: taskId,
    seq: 3,
    type: 'log.appended',
    data: { text: 'x = "\n\u2028é😀"' },
  });
});

test('cut and resumed at every position there is no gap and no duplicate', async () => {
  const taskId = await endedTask(8);
  for (const cut of upTo(10, 0)) {
    const first = await readStream(streamOf(taskId), {
      until: (messages) => messages.some(({ id }) => Number(id) === cut) || cut === 0,
    });
    const before = sequencesOf(first).filter((seq) => seq <= cut);
    const second = await readStream(streamOf(taskId), { lastEventId: cut });
    expect([...before, ...sequencesOf(second)], `cut at ${cut}`).toEqual(upTo(11));
    expect(snapshotOf(second), `cut at ${cut}`).toMatchObject({ last_seq: cut });
  }
});

test('the snapshot is the task as of the cursor', async () => {
  const taskId = await endedTask(2);
  const statuses = await Promise.all(
    upTo(4, 0).map(
      async (after) => snapshotOf(await readStream(streamOf(taskId, `?after=${after}`))).status,
    ),
  );
  expect(statuses).toEqual(['queued', 'queued', 'running', 'running', 'running']);
  const early = snapshotOf(await readStream(streamOf(taskId, '?after=2')));
  expect(early).toMatchObject({ verdict: null, result: null, finished_at: null });
});

test('the snapshot tells the attempt of its time, not of today', async () => {
  const taskId = await submit();
  const lost = await claim(service.deps, taskId);
  await service.deps.store.handBack(lost);
  const held = await claim(service.deps, taskId);
  await succeed(service.deps, held);
  const attempts = await Promise.all(
    upTo(4, 0).map(
      async (after) => snapshotOf(await readStream(streamOf(taskId, `?after=${after}`))).attempt,
    ),
  );
  // submitted, claimed, requeued, claimed, finished
  expect(attempts).toEqual([0, 0, 1, 1, 2]);
});

test('events come live, with heartbeats in between', async () => {
  const taskId = await submit();
  const held = await claim(service.deps, taskId);
  const seen: string[] = [];
  for await (const item of service.client.followTask(taskId)) {
    seen.push(item.kind === 'event' ? item.event.type : item.kind);
    if (item.kind !== 'heartbeat') continue;
    await (seen.filter((kind) => kind === 'heartbeat').length < 3
      ? say(service.deps, held, 1)
      : succeed(service.deps, held));
  }
  expect(seen.filter((kind) => kind !== 'heartbeat')).toEqual([
    'snapshot',
    'task.submitted',
    'task.claimed',
    'log.appended',
    'log.appended',
    'task.finished',
  ]);
});

test('a silent task keeps its reader with heartbeats, and a reader that leaves cancels nothing', async () => {
  const taskId = await submit();
  const read = await readStream(streamOf(taskId), {
    until: (messages) => messages.filter(({ event }) => event === 'heartbeat').length === 3,
  });
  expect(sequencesOf(read)).toEqual([1]);
  expect(read.text).toContain(': heartbeat\n\nevent: heartbeat\ndata: {}\n\n');
  expect((await service.client.getTask(taskId)).status).toBe('queued');
  await expect.poll(openStreams, { timeout: 5_000 }).toBe(0);
});

test('a reconnect at the final cursor of an ended task gets 204', async () => {
  const taskId = await endedTask(1);
  for (const read of [
    await readStream(streamOf(taskId), { lastEventId: 4 }),
    await readStream(streamOf(taskId, '?after=4')),
  ]) {
    expect(read.status).toBe(204);
    expect(read.text).toBe('');
  }
});

test('a cursor beyond the log is reset to a fresh snapshot', async () => {
  const taskId = await submit();
  await claim(service.deps, taskId);
  const read = await readStream(streamOf(taskId), {
    lastEventId: 99,
    until: (messages) => messages.length >= 2,
  });
  expect(read.messages.slice(0, 2)).toMatchObject([
    { event: 'reset', id: '2', data: '{"reason":"cursor_beyond_log","last_seq":2}' },
    { event: 'snapshot' },
  ]);
  expect(snapshotOf(read)).toMatchObject({ status: 'running', last_seq: 2 });
});

test('a resumed task goes on in the same stream', async () => {
  const taskId = await submit();
  await fail(service.deps, await claim(service.deps, taskId));
  await service.client.resumeTask(taskId);
  const reading = readStream(streamOf(taskId), { lastEventId: 3 });
  await succeed(service.deps, await claim(service.deps, taskId));
  const read = await reading;
  expect(snapshotOf(read)).toMatchObject({
    status: 'failed',
    last_seq: 3,
    failure: { code: 'no_usable_answer' },
  });
  expect(read.messages.map(({ event }) => event).filter((event) => event !== 'heartbeat')).toEqual([
    'snapshot',
    'task.resumed',
    'task.claimed',
    'task.finished',
  ]);
});

test('the newest cursor wins: the header over the first URL', async () => {
  const taskId = await endedTask(3);
  const read = await readStream(streamOf(taskId, '?after=1'), { lastEventId: 4 });
  expect(sequencesOf(read)).toEqual([5, 6]);
});

test.each(['?after=x', '?after=-1', '?after=1.5', '?cursor=1'])('%s is refused', async (query) => {
  await refused(await service.call('GET', `/v1/stream/${await submit()}${query}`), 422);
});

test('a Last-Event-ID that is no sequence is refused', async () => {
  const headers = { 'last-event-id': 'abc' };
  const problem = await refused(
    await service.call('GET', `/v1/stream/${await submit()}`, { headers }),
    422,
  );
  expect(problem).toMatchObject({ code: 'cursor_invalid' });
});

test('the stream of an unknown task is 404', async () => {
  const problem = await refused(await service.call('GET', '/v1/stream/nonsense'), 404);
  expect(problem).toMatchObject({ code: 'task_not_found', instance: '/v1/stream/nonsense' });
});

test('many readers of one task each see all of it', async () => {
  const taskId = await submit();
  const readings = Array.from({ length: 20 }, () => readStream(streamOf(taskId)));
  const held = await claim(service.deps, taskId);
  await say(service.deps, held, 300);
  await succeed(service.deps, held);
  for (const read of await Promise.all(readings)) expect(sequencesOf(read)).toEqual(upTo(303));
});

async function openStreams(): Promise<number> {
  const text = await (await service.call('GET', '/metrics')).text();
  return Number(/^sse_clients (\d+)$/m.exec(text)?.[1]);
}
