import { afterAll, beforeAll, expect, test } from 'vitest';
import { MoveAnswer, TaskPage } from '../../../lib/task/answers.ts';
import { TaskView } from '../../../lib/task/view.ts';
import { claim, fail, say, succeed } from '../../support/actWorker.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';
import { refused } from '../../support/refused.ts';

const UNKNOWN = '01938f2e-6f00-7000-8000-000000000001';

let service: Service;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service?.close());

async function submit(changes: Parameters<typeof smallPayload>[1] = {}): Promise<string> {
  const payload = smallPayload(service.deps.config.workspaceRoot, changes);
  return (await service.client.submitTask(payload)).task_id;
}

test('a task is read with its place in the queue, and the client is told to come again', async () => {
  const response = await service.call('GET', `/v1/tasks/${await submit()}`, { key: null });
  expect(response.status).toBe(200);
  expect(response.headers.get('retry-after')).toBe('1');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const task = TaskView.parse(await response.json());
  expect(task).toMatchObject({ status: 'queued', verdict: null, result: null });
  expect(task.queue_position).toBeGreaterThanOrEqual(0);
  expect(task.trace_id).toMatch(/^[0-9a-f]{32}$/);
});

test('an unchanged task is answered 304, a changed one in full', async () => {
  const taskId = await submit();
  const path = `/v1/tasks/${taskId}`;
  const etag = (await service.call('GET', path)).headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[\w-]+"$/);
  const same = await service.call('GET', path, { headers: { 'if-none-match': `"x", W/${etag}` } });
  expect(same.status).toBe(304);
  expect(same.headers.get('etag')).toBe(etag);
  expect(await same.text()).toBe('');
  await claim(service.deps, taskId);
  const changed = await service.call('GET', path, { headers: { 'if-none-match': etag } });
  expect(changed.status).toBe(200);
  expect(changed.headers.get('etag')).not.toBe(etag);
});

test('an ended task shows its verdict, and nobody has to come again', async () => {
  const taskId = await submit();
  await succeed(service.deps, await claim(service.deps, taskId));
  const response = await service.call('GET', `/v1/tasks/${taskId}`);
  expect(response.headers.get('retry-after')).toBeNull();
  expect(TaskView.parse(await response.json())).toMatchObject({
    status: 'succeeded',
    verdict: { name: 'partially_verified' },
    result: { apply: { state: 'not_applied' } },
  });
});

test.each([UNKNOWN, 'nonsense', '..%2f..%2fetc', UNKNOWN.toUpperCase()])(
  'the task %s is not there',
  async (id) => {
    const problem = await refused(await service.call('GET', `/v1/tasks/${id}`), 404);
    expect(problem).toMatchObject({ code: 'task_not_found', retryable: false });
  },
);

test('an unknown path is 404, and another method 405 with what is allowed', async () => {
  expect((await service.call('GET', '/v2/tasks')).status).toBe(404);
  const response = await service.call('DELETE', '/v1/tasks');
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')?.split(', ').sort()).toEqual(
    expect.arrayContaining(['GET', 'POST']),
  );
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});

test('pages of the list join without a gap or a repetition, newest first', async () => {
  const made: string[] = [];
  for (let at = 0; at < 5; at += 1) made.push(await submit({ language: 'go' }));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page: TaskPage = await service.client.listTasks({ language: 'go', limit: 2, cursor });
    seen.push(...page.data.map(({ task_id }) => task_id));
    expect(page.has_more).toBe(page.next_cursor !== null);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(made.toReversed());
});

test('the list is filtered by status, verdict and language', async () => {
  const ended = await submit({ language: 'rust' });
  await succeed(service.deps, await claim(service.deps, ended));
  const waiting = await submit({ language: 'rust' });
  const ids = async (query: string) => {
    const response = await service.call('GET', `/v1/tasks?language=rust&${query}`);
    return TaskPage.parse(await response.json()).data.map(({ task_id }) => task_id);
  };
  expect(await ids('status=queued')).toEqual([waiting]);
  expect(await ids('status=succeeded')).toEqual([ended]);
  expect(await ids('verdict=partially_verified')).toEqual([ended]);
  expect(await ids('verdict=verified')).toEqual([]);
});

test.each([
  ['status=done', '/status'],
  ['limit=0', '/limit'],
  ['limit=101', '/limit'],
  ['limit=many', '/limit'],
  ['state=queued', '/state'],
  ['cursor=garbage', '/cursor'],
])('the query %s is refused', async (query, pointer) => {
  const problem = await refused(await service.call('GET', `/v1/tasks?${query}`), 422);
  expect(problem.errors).toMatchObject([{ pointer }]);
});

test('a query parameter that stands twice is refused by its name, whichever would win', async () => {
  const twice = '/v1/tasks?limit=1&status=queued&limit=2';
  const problem = await refused(await service.call('GET', twice), 422);
  expect(problem).toMatchObject({
    code: 'query_invalid',
    detail: 'the query has one flaw: /limit stands more than once',
    errors: [{ pointer: '/limit', detail: 'stands more than once' }],
  });
});

test('a task is found by its id in either case', async () => {
  const taskId = await submit();
  const response = await service.call('GET', `/v1/tasks/${taskId.toUpperCase()}`);
  expect(TaskView.parse(await response.json()).task_id).toBe(taskId);
});

test('a queued task is cancelled at once, and once more is no change', async () => {
  const path = `/v1/tasks/${await submit()}/cancel`;
  const first = await service.call('POST', path);
  expect(first.status).toBe(202);
  expect(MoveAnswer.parse(await first.json()).status).toBe('cancelled');
  const second = await service.call('POST', path);
  expect(second.status).toBe(200);
  expect(MoveAnswer.parse(await second.json()).status).toBe('cancelled');
});

test('a running task is cancelled when its runner says so', async () => {
  const taskId = await submit();
  const held = await claim(service.deps, taskId);
  const path = `/v1/tasks/${taskId}/cancel`;
  for (const response of [await service.call('POST', path), await service.call('POST', path)]) {
    expect(response.status).toBe(202);
    expect(MoveAnswer.parse(await response.json()).status).toBe('cancelling');
  }
  await service.deps.store.confirmCancelled(held);
  expect((await service.client.getTask(taskId)).status).toBe('cancelled');
});

test('an ended task cannot be cancelled', async () => {
  const taskId = await submit();
  await fail(service.deps, await claim(service.deps, taskId));
  const problem = await refused(await service.call('POST', `/v1/tasks/${taskId}/cancel`), 409);
  expect(problem).toMatchObject({ code: 'task_ended' });
});

test('a failed task is resumed, with or without a body, and rung for', async () => {
  for (const body of [undefined, { from: 'start' }]) {
    const taskId = await submit();
    await fail(service.deps, await claim(service.deps, taskId));
    const response = await service.call('POST', `/v1/tasks/${taskId}/resume`, { body });
    expect(response.status).toBe(202);
    expect(MoveAnswer.parse(await response.json()).status).toBe('queued');
    expect(await service.client.getTask(taskId)).toMatchObject({ status: 'queued', failure: null });
  }
});

test('only a cancelled or failed task is resumed', async () => {
  const taskId = await submit();
  const path = `/v1/tasks/${taskId}/resume`;
  const queued = await refused(await service.call('POST', path), 409);
  expect(queued).toMatchObject({
    code: 'task_not_resumable',
    detail: expect.stringContaining('queued'),
  });
  const held = await claim(service.deps, taskId);
  await refused(await service.call('POST', path), 409);
  await succeed(service.deps, held);
  await refused(await service.call('POST', path), 409);
});

test('a resume with an unknown field or value is refused', async () => {
  const path = `/v1/tasks/${await submit()}/resume`;
  const unknown = await refused(await service.call('POST', path, { body: { form: 'start' } }), 422);
  expect(unknown.errors).toMatchObject([{ pointer: '/form' }]);
  const wrong = await refused(await service.call('POST', path, { body: { from: 'end' } }), 422);
  expect(wrong.errors).toMatchObject([{ pointer: '/from' }]);
});

test.each(['cancel', 'resume'])('%s needs the key, and a task', async (verb) => {
  await refused(await service.call('POST', `/v1/tasks/${UNKNOWN}/${verb}`, { key: null }), 401);
  await refused(await service.call('POST', `/v1/tasks/${UNKNOWN}/${verb}`), 404);
});

test('feedback is stored once for a task that is there', async () => {
  const taskId = await submit();
  const body = { task_id: taskId, outcome: 'accepted', rating: 5, tags: ['clean'] } as const;
  const response = await service.call('POST', '/v1/feedback', { body });
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ feedback_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  await refused(
    await service.call('POST', '/v1/feedback', { body: { ...body, task_id: UNKNOWN } }),
    404,
  );
  await refused(await service.call('POST', '/v1/feedback', { body, key: null }), 401);
  const wrong = await service.call('POST', '/v1/feedback', {
    body: { ...body, rating: 6, mood: 1 },
  });
  const { errors } = await refused(wrong, 422);
  expect(errors.map(({ pointer }) => pointer)).toEqual(['/rating', '/mood']);
});

test('a run that says something can be read while it goes on', async () => {
  const taskId = await submit();
  const held = await claim(service.deps, taskId);
  await say(service.deps, held, 3);
  expect(await service.client.getTask(taskId)).toMatchObject({
    status: 'running',
    attempt: 1,
    last_seq: 5,
    queue_position: null,
  });
});
