import { afterEach, expect, test } from 'vitest';
import { HealthAnswer, SubmitAnswer } from '../../../lib/task/answers.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';
import { refused } from '../../support/refused.ts';

/** Nobody listens on the discard port of loopback. */
const NOBODY = 'http://127.0.0.1:9';
const NO_DATABASE = 'postgresql://agent@127.0.0.1:9/agent';

let service: Service | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

test('with the queue away a task is accepted, and left for the sweeper to ring', async () => {
  service = await openService({ AWS_ENDPOINT_URL: NOBODY, RATE_LIMIT_PER_MINUTE: '1' });
  const body = smallPayload(service.deps.config.workspaceRoot);
  const answers = [
    await service.call('POST', '/v1/tasks', { body }),
    await service.call('POST', '/v1/tasks', { body }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  const ids = await Promise.all(
    answers.map(async (answer) => SubmitAnswer.parse(await answer.json()).task_id),
  );
  const { due } = await service.deps.store.sweep({ maxAttempts: 5, limit: 10 });
  expect(due.map(({ taskId }) => taskId).sort()).toEqual(ids.sort());
});

test('with the queue away the service says that it is not well, and metrics go on', async () => {
  service = await openService({ AWS_ENDPOINT_URL: NOBODY });
  const response = await service.call('GET', '/health', { key: null });
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('5');
  const report = HealthAnswer.parse(await response.json());
  expect(report).toMatchObject({
    status: 'unavailable',
    database: { ok: true },
    queue: { ok: false, detail: expect.stringMatching(/./) },
    workers: { ok: false, alive: 0 },
    sandbox: { tier: 'unknown' },
  });
  expect((await service.call('GET', '/health?live', { key: null })).status).toBe(200);
  const metrics = await service.call('GET', '/metrics', { key: null });
  expect(metrics.status).toBe(200);
  expect(await metrics.text()).not.toMatch(/^queue_depth\{/m);
});

test('without the database every call says so, and when to come again', async () => {
  service = await openService({ DATABASE_URL: NO_DATABASE });
  const body = smallPayload(service.deps.config.workspaceRoot);
  const id = '01938f2e-6f00-7000-8000-000000000001';
  for (const [method, path, sent] of [
    ['POST', '/v1/tasks', body],
    ['GET', '/v1/tasks', undefined],
    ['GET', `/v1/tasks/${id}`, undefined],
    ['POST', `/v1/tasks/${id}/cancel`, undefined],
    ['POST', `/v1/tasks/${id}/resume`, undefined],
    ['GET', `/v1/stream/${id}`, undefined],
    ['POST', '/v1/feedback', { task_id: id, outcome: 'accepted' }],
    ['GET', '/metrics', undefined],
  ] as const) {
    const response = await service.call(method, path, { body: sent });
    expect(Number(response.headers.get('retry-after')), path).toBeGreaterThan(0);
    const problem = await refused(response, 503);
    expect(problem).toMatchObject({ code: 'database_unavailable', retryable: true });
  }
  const health = await service.call('GET', '/health');
  expect(health.status).toBe(503);
  const report = HealthAnswer.parse(await health.json());
  expect(report).toMatchObject({ status: 'unavailable', database: { ok: false } });
});
