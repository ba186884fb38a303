import { expect, test } from 'vitest';
import { createClient } from '../../../lib/client/createClient.ts';
import type { Followed } from '../../../lib/client/follow.ts';

const TASK_ID = '01938f2e-6f00-7000-8000-000000000001';

function frame(seq: number, type = 'log.appended'): string {
  const data = { step: 'code.1', source: 'model', text: `line ${seq}` };
  const ended = { status: 'cancelled', verdict: null, failure: null };
  const event = {
    task_id: TASK_ID,
    seq,
    at: seq,
    type,
    data: type === 'task.finished' ? ended : data,
  };
  return `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A service that answers each connection with the next of these bodies, then with 204; and the cursors it was sent. */
function script(bodies: (string | Response)[]) {
  const cursors: (string | null)[] = [];
  const client = createClient({
    url: 'http://service',
    fetch: async (_, { headers }) => {
      cursors.push(new Headers(headers).get('last-event-id'));
      const next = bodies.shift() ?? new Response(null, { status: 204 });
      return typeof next === 'string' ? new Response(next) : next;
    },
  });
  return { client, cursors };
}

async function follow({ client }: ReturnType<typeof script>, after?: number): Promise<Followed[]> {
  const seen: Followed[] = [];
  for await (const item of client.followTask(TASK_ID, { after })) seen.push(item);
  return seen;
}

function sequencesOf(seen: Followed[]): number[] {
  return seen.flatMap((item) => (item.kind === 'event' ? [item.event.seq] : []));
}

test('an event that is sent twice is seen once', async () => {
  const service = script([frame(1) + frame(2), frame(1) + frame(2) + frame(2) + frame(3)]);
  expect(sequencesOf(await follow(service))).toEqual([1, 2, 3]);
  expect(service.cursors).toEqual([null, '2', '3']);
});

test('a gap is not passed on: what is missing is fetched again', async () => {
  const service = script([frame(1) + frame(3), frame(2) + frame(3)]);
  const seen = await follow(service);
  expect(sequencesOf(seen)).toEqual([1, 2, 3]);
  expect(seen).toContainEqual(
    expect.objectContaining({
      kind: 'reconnecting',
      why: expect.stringContaining('event 2 is missing'),
    }),
  );
});

test('half a frame at the end of a connection is nothing', async () => {
  const service = script([frame(1) + frame(2).slice(0, -1), frame(2)]);
  expect(sequencesOf(await follow(service))).toEqual([1, 2]);
});

test('an event with a new name is handed on with its sequence', async () => {
  const service = script(['id: 1\nevent: moon.landed\ndata: {"data":1}\n\n']);
  expect(await follow(service)).toEqual([
    { kind: 'unknown_event', seq: 1, type: 'moon.landed', data: { data: 1 } },
  ]);
});

test('a service that is busy is tried again when it said', async () => {
  const busy = Response.json(
    {
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      detail: 'too many streams',
      instance: '/',
      code: 'too_many_streams',
      retryable: true,
    },
    { status: 503, headers: { 'retry-after': '0' } },
  );
  const seen = await follow(script([busy, frame(1)]));
  expect(seen).toMatchObject([
    { kind: 'reconnecting', attempt: 1, why: 'too many streams' },
    { kind: 'event' },
  ]);
});

test('a caller that has left already sees nothing', async () => {
  const { client, cursors } = script([frame(1)]);
  const seen: Followed[] = [];
  const signal = AbortSignal.abort();
  for await (const item of client.followTask(TASK_ID, { signal })) seen.push(item);
  expect(seen).toEqual([]);
  expect(cursors).toEqual([]);
});

test('a service that is lost right after the end is not waited for', async () => {
  const { client } = script([frame(1, 'task.finished')]);
  let calls = 0;
  const losing = createClient({
    url: 'http://service',
    fetch: async () => {
      calls += 1;
      if (calls > 1) throw new TypeError('fetch failed');
      return new Response(frame(1, 'task.finished'));
    },
  });
  for (const each of [client, losing]) {
    const kinds: string[] = [];
    for await (const item of each.followTask(TASK_ID)) kinds.push(item.kind);
    expect(kinds).toEqual(['event']);
  }
});

test('a cursor beyond the end of a task that has ended is put right without a pause', async () => {
  const reset = 'id: 3\nevent: reset\ndata: {"reason":"cursor_beyond_log","last_seq":3}\n\n';
  const service = script([reset]);
  expect(await follow(service, 99)).toEqual([
    { kind: 'reset', reason: 'cursor_beyond_log', lastSeq: 3 },
  ]);
  expect(service.cursors).toEqual(['99', '3']);
});
