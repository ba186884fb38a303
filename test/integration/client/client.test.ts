import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../../lib/client/createClient.ts';
import { ApiProblem, Unreachable } from '../../../lib/client/errors.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';

let service: Service;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service?.close());

const payload = () => smallPayload(service.deps.config.workspaceRoot);

test('every call of the contract can be made', async () => {
  const { client } = service;
  const valid = await client.submitTask(payload(), { dryRun: true });
  expect(valid).toMatchObject({ valid: true, payload: { apply: 'verified' } });
  const submitted = await client.submitTask(payload());
  expect(submitted).toMatchObject({ status: 'queued', replayed: false });
  expect(submitted.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
  const { task_id: taskId } = submitted;
  expect((await client.getTask(taskId)).payload.input.goal).toBe('Add two numbers');
  expect((await client.listTasks({ status: 'queued', limit: 1 })).data[0]?.task_id).toBe(taskId);
  expect((await client.cancelTask(taskId)).status).toBe('cancelled');
  expect((await client.resumeTask(taskId)).status).toBe('queued');
  const feedback = await client.sendFeedback({ task_id: taskId, outcome: 'edited', rating: 3 });
  expect(feedback.feedback_id).toMatch(/./);
  expect(
    await client.listModels({ language: 'java', frameworks: ['spring-boot'], all: true }),
  ).toEqual({
    data: [],
    workers_alive: 0,
    troubles: [],
  });
  expect((await client.health()).status).toBe('degraded');
});

test('a submit that is repeated with its key is told to be a replay', async () => {
  const first = await service.client.submitTask(payload());
  const { idempotencyKey } = first;
  const second = await service.client.submitTask(payload(), { idempotencyKey });
  expect(second).toEqual({ ...first, replayed: true });
});

test('what the service declines is told with all its particulars', async () => {
  const declined = service.client.submitTask({ ...payload(), extra: 1 });
  await expect(declined).rejects.toMatchObject({
    name: 'ApiProblem',
    problem: { status: 422, code: 'body_invalid', errors: [{ pointer: '/extra' }] },
    requestId: expect.stringMatching(/./),
  });
  const keyless = createClient({ url: service.url });
  await expect(keyless.submitTask(payload())).rejects.toMatchObject({ problem: { status: 401 } });
});

test('an unhealthy service is a report, not an error', async () => {
  const report = {
    status: 'unavailable',
    database: { ok: false, detail: 'away' },
    queue: { ok: true },
    workers: { ok: false, alive: 0, slots: 0, running: 0 },
    sandbox: { ok: false, tier: 'unknown' },
    models: { ok: false, runtimes: [] },
  };
  const client = createClient({
    url: 'http://service',
    fetch: async () => Response.json(report, { status: 503 }),
  });
  expect((await client.health()).database).toEqual({ ok: false, detail: 'away' });
});

test('a refused connection, a strange answer and silence are all unreachable', async () => {
  const refused = createClient({ url: 'http://127.0.0.1:9' });
  await expect(refused.getTask('x')).rejects.toThrow(Unreachable);
  const strange = createClient({
    url: 'http://service',
    fetch: async () => new Response('<html>Bad gateway</html>', { status: 502 }),
  });
  await expect(strange.getTask('x')).rejects.toThrow(/status 502 without problem details/);
  const newer = createClient({ url: 'http://service', fetch: async () => Response.json({ a: 1 }) });
  await expect(newer.getTask('x')).rejects.toThrow(/unknown shape/);
  const silent = createClient({
    url: service.url,
    timeoutMs: 20,
    fetch: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
  });
  await expect(silent.getTask('x')).rejects.toThrow(Unreachable);
});

test('a caller that aborts gets its own reason back', async () => {
  const control = new AbortController();
  control.abort(new Error('Ctrl-C'));
  const submitting = service.client.submitTask(payload(), { signal: control.signal });
  await expect(submitting).rejects.toThrow('Ctrl-C');
  await expect(submitting).rejects.not.toBeInstanceOf(ApiProblem);
});
