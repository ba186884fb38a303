import { afterEach, expect, test } from 'vitest';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';
import { readStream } from '../../support/readStream.ts';
import { refused } from '../../support/refused.ts';

let service: Service | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

test('a full queue refuses new tasks until there is room again', async () => {
  service = await openService({ MAX_QUEUED: '2' });
  const body = smallPayload(service.deps.config.workspaceRoot);
  const { task_id } = await service.client.submitTask(body);
  await service.client.submitTask(body);
  const full = await service.call('POST', '/v1/tasks', { body });
  expect(full.headers.get('retry-after')).toBe('5');
  expect(await refused(full, 429)).toMatchObject({ code: 'queue_full', retryable: true });
  await service.client.cancelTask(task_id);
  expect((await service.call('POST', '/v1/tasks', { body })).status).toBe(202);
});

test('submits at once do not slip past the limit together', async () => {
  service = await openService({ MAX_QUEUED: '5' });
  const body = smallPayload(service.deps.config.workspaceRoot);
  const call = () => service?.call('POST', '/v1/tasks', { body });
  const answers = await Promise.all(Array.from({ length: 20 }, call));
  expect(answers.filter((answer) => answer?.status === 202)).toHaveLength(5);
  expect(answers.filter((answer) => answer?.status === 429)).toHaveLength(15);
});

test('requests are counted per key, and the limit is told before and after it is met', async () => {
  service = await openService({ RATE_LIMIT_PER_MINUTE: '3' });
  const limits: (string | null)[] = [];
  let last = await service.call('GET', '/v1/tasks');
  while (last.status === 200) {
    expect(last.headers.get('ratelimit-policy')).toBe('"default";q=3;w=60');
    limits.push(last.headers.get('ratelimit'));
    last = await service.call('GET', '/v1/tasks');
  }
  // The minute may have turned in between, which starts the count anew.
  expect(limits.slice(-3).map((limit) => limit?.replace(/;t=\d+$/, ''))).toEqual([
    '"default";r=2',
    '"default";r=1',
    '"default";r=0',
  ]);
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(last.headers.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/);
  expect(await refused(last, 429)).toMatchObject({ code: 'rate_limited' });
  expect((await service.call('GET', '/health', { key: null })).status).toBe(200);
});

test('where reads need the key they need it, and health does not', async () => {
  service = await openService({ READ_ACCESS: 'key', API_KEY: 'test-key,second' });
  const id = '01938f2e-6f00-7000-8000-000000000001';
  for (const path of ['/v1/tasks', `/v1/tasks/${id}`, `/v1/stream/${id}`, '/v1/models']) {
    await refused(await service.call('GET', path, { key: null }), 401);
    await refused(await service.call('GET', `${path}?api_key=test-key`, { key: null }), 401);
  }
  expect((await service.call('GET', '/v1/tasks')).status).toBe(200);
  expect((await service.call('GET', '/v1/tasks', { key: 'second' })).status).toBe(200);
  expect((await service.call('GET', '/health', { key: null })).status).toBe(200);
});

test('more streams than the process holds are refused', async () => {
  service = await openService({ MAX_STREAMS: '1', STREAM_HEARTBEAT_MS: '50' });
  const payload = smallPayload(service.deps.config.workspaceRoot);
  const { task_id } = await service.client.submitTask(payload);
  const path = `/v1/stream/${task_id}`;
  let second: Response | undefined;
  await readStream(service.url + path, {
    until: (messages) => messages.some(({ event }) => event === 'heartbeat'),
    meanwhile: async () => {
      second = await service?.call('GET', path);
    },
  });
  expect(second).toBeDefined();
  expect(await refused(second ?? new Response(), 503)).toMatchObject({ code: 'too_many_streams' });
});
