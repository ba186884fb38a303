import { afterAll, beforeAll, expect, test } from 'vitest';
import { SubmitAnswer, ValidatedAnswer } from '../../../lib/task/answers.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';
import { refused } from '../../support/refused.ts';

let service: Service;
beforeAll(async () => {
  service = await openService({ MAX_QUEUED: '1000' });
});
afterAll(() => service?.close());

function payload(changes: Parameters<typeof smallPayload>[1] = {}) {
  return smallPayload(service.deps.config.workspaceRoot, changes);
}

const submit = (body: unknown, headers: Record<string, string> = {}) =>
  service.call('POST', '/v1/tasks', { body, headers });

test('a task is accepted, safe and rung for', async () => {
  const response = await submit(payload());
  expect(response.status).toBe(202);
  const answer = SubmitAnswer.parse(await response.json());
  expect(answer).toMatchObject({ status: 'queued' });
  expect(response.headers.get('location')).toBe(`/v1/tasks/${answer.task_id}`);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
  const task = await service.client.getTask(answer.task_id);
  expect(task).toMatchObject({ status: 'queued', last_seq: 1, attempt: 0 });
  const rung = await service.deps.doorbell.receive({
    max: 10,
    waitSeconds: 5,
    signal: AbortSignal.timeout(10_000),
  });
  expect(rung.map(({ ring }) => ring?.taskId)).toContain(answer.task_id);
});

test('the trace of the caller goes on in the task', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const response = await submit(payload(), { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
  expect(response.headers.get('traceparent')).toContain(traceId);
  const { task_id } = SubmitAnswer.parse(await response.json());
  expect((await service.client.getTask(task_id)).trace_id).toBe(traceId);
});

test('a request id that was sent comes back', async () => {
  const response = await submit(payload(), { 'x-request-id': 'mine-1' });
  expect(response.headers.get('x-request-id')).toBe('mine-1');
});

test('a dry run validates, fills in the defaults and stores nothing', async () => {
  const before = await service.client.listTasks({ limit: 1 });
  const response = await service.call('POST', '/v1/tasks?dry_run=true', { body: payload() });
  expect(response.status).toBe(200);
  const { payload: read } = ValidatedAnswer.parse(await response.json());
  expect(read).toMatchObject({ apply: 'verified', oracle: { smoke: true, full: false } });
  expect(await service.client.listTasks({ limit: 1 })).toEqual(before);
  const bad = await service.call('POST', '/v1/tasks?dry_run=true', {
    body: payload({ repo: { path: '/etc' } }),
  });
  expect(bad.status).toBe(422);
});

test('the same idempotency key and body give the first answer again', async () => {
  const headers = { 'idempotency-key': 'key-1' };
  const first = await submit(payload(), headers);
  expect(first.headers.get('idempotent-replay')).toBeNull();
  const reordered = Object.fromEntries(Object.entries(payload()).reverse());
  const second = await submit(reordered, headers);
  expect(second.status).toBe(202);
  expect(second.headers.get('idempotent-replay')).toBe('true');
  expect(await second.json()).toEqual(await first.json());
});

test('concurrent submits with one idempotency key make one task', async () => {
  const headers = { 'idempotency-key': 'key-concurrent' };
  const answers = await Promise.all(Array.from({ length: 20 }, () => submit(payload(), headers)));
  const ids = await Promise.all(
    answers.map(async (answer) => SubmitAnswer.parse(await answer.json()).task_id),
  );
  expect(new Set(ids).size).toBe(1);
  const fresh = answers.filter((answer) => answer.headers.get('idempotent-replay') === null);
  expect(fresh).toHaveLength(1);
});

test('the same idempotency key with another body is refused', async () => {
  const headers = { 'idempotency-key': 'key-2' };
  await submit(payload(), headers);
  const second = await submit(payload({ goal: 'Something else' }), headers);
  expect(await refused(second, 422)).toMatchObject({ code: 'idempotency_key_reused' });
});

test('an unusable idempotency key is refused', async () => {
  const response = await submit(payload(), { 'idempotency-key': 'x'.repeat(256) });
  expect(await refused(response, 422)).toMatchObject({ code: 'idempotency_key_invalid' });
});

test('many submits at once are all accepted, each once', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => submit(payload())));
  expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(202));
  const ids = await Promise.all(
    answers.map(async (answer) => SubmitAnswer.parse(await answer.json()).task_id),
  );
  expect(new Set(ids).size).toBe(100);
});

test.each([
  ['malformed JSON', '{"type":', 400, 'json_malformed'],
  ['no body', '', 400, 'body_missing'],
  ['bytes that are no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), 400, 'body_not_utf8'],
  ['a list', [], 422, 'body_invalid'],
  ['null', 'null', 422, 'body_invalid'],
  ['an empty object', {}, 422, 'body_invalid'],
])('%s is refused', async (_, body, status, code) => {
  const response = await submit(body);
  expect(await refused(response, status)).toMatchObject({
    code,
    instance: '/v1/tasks',
    retryable: false,
  });
});

test('a body that is not declared as JSON is refused', async () => {
  const response = await submit('type: CODE', { 'content-type': 'text/yaml' });
  expect(await refused(response, 415)).toMatchObject({ code: 'not_json' });
});

test('every flaw of a payload is told with its pointer, unknown fields by name', async () => {
  const response = await submit({
    ...payload({ language: 'cobol' as 'python', goal: '' }),
    extra: 1,
    output_contract: { expected_files: ['../out'], wanted: [] },
  });
  const { errors } = await refused(response, 422);
  expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
    '/extra',
    '/input/goal',
    '/input/language',
    '/output_contract/expected_files/0',
    '/output_contract/wanted',
  ]);
});

test('a repository outside the workspace is refused', async () => {
  for (const path of ['/etc', '..', `${service.deps.config.workspaceRoot}/../x`]) {
    const response = await submit(payload({ repo: { path } }));
    const { errors } = await refused(response, 422);
    expect(errors).toMatchObject([{ pointer: '/input/repo/path' }]);
  }
});

test('a goal over its limit is refused, a huge one by the size of the body', async () => {
  const long = await submit(payload({ goal: 'x'.repeat(40_000) }));
  expect((await refused(long, 422)).errors).toMatchObject([{ pointer: '/input/goal' }]);
  const huge = await submit(payload({ goal: 'x'.repeat(2_000_000) }));
  expect(await refused(huge, 413)).toMatchObject({ code: 'body_too_large' });
});

test('__proto__ is an unknown field, and nothing is merged', async () => {
  const text = JSON.stringify(payload()).replace('{', '{"__proto__":{"polluted":true},');
  const response = await submit(text);
  expect((await refused(response, 422)).errors).toEqual([
    { pointer: '/__proto__', detail: 'unknown field "__proto__"' },
  ]);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  const named = await submit({ ...payload(), constructor: 1 });
  expect((await refused(named, 422)).errors).toMatchObject([{ pointer: '/constructor' }]);
});

test('an unknown query parameter is refused by name', async () => {
  const response = await service.call('POST', '/v1/tasks?dryrun=true', { body: payload() });
  expect(await refused(response, 422)).toMatchObject({
    code: 'query_invalid',
    errors: [{ pointer: '/dryrun' }],
  });
});

test('without the key nothing is accepted, and a wrong one is no better', async () => {
  for (const [key, code] of [
    [null, 'api_key_missing'],
    ['wrong', 'api_key_unknown'],
    ['', 'api_key_unknown'],
  ] as const) {
    const response = await service.call('POST', '/v1/tasks', { body: payload(), key });
    expect(response.headers.get('www-authenticate')).toBe('ApiKey');
    expect(await refused(response, 401)).toMatchObject({ code });
  }
});

test('a key in the URL is not taken', async () => {
  const response = await service.call('POST', '/v1/tasks?api_key=test-key', {
    body: payload(),
    key: null,
  });
  expect(await refused(response, 401)).toMatchObject({ code: 'api_key_in_url' });
});
