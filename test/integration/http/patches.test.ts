import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PatchAnswer } from '../../../lib/task/answers.ts';
import type { Patch } from '../../../lib/task/patch.ts';
import type { TaskResult } from '../../../lib/task/view.ts';
import { claim, NO_RESULT } from '../../support/actWorker.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';
import { refused } from '../../support/refused.ts';

const UNKNOWN = '01938f2e-6f00-7000-8000-000000000001';
const PATCH: Patch = {
  base_tree_hash: 'base',
  tree_hash: 'tree',
  changes: [{ path: 'a.py', before: null, after: 'cGFzcwo=', mode: 0o644 }],
};

let service: Service;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service?.close());

async function submitted(): Promise<string> {
  const payload = smallPayload(service.deps.config.workspaceRoot);
  return (await service.client.submitTask(payload)).task_id;
}

type State = TaskResult['apply']['state'];

async function ended(state: State, patch: Patch | null = PATCH): Promise<string> {
  const { taskId, fence } = await claim(service.deps, await submitted());
  const result = { ...NO_RESULT, apply: { state, why: 'a test', paths: [] } };
  const verdict = { name: 'partially_verified' as const, summary: 'it compiles' };
  const end = { status: 'succeeded' as const, verdict, failure: null };
  await service.deps.store.finishTask({ taskId, fence, ...end, result, patch });
  return taskId;
}

const post = (taskId: string, what: string, options = {}) =>
  service.call('POST', `/v1/tasks/${taskId}/${what}`, options);

describe('the diff', () => {
  test('of an ended task is a unified diff', async () => {
    const response = await service.call('GET', `/v1/tasks/${await ended('applied')}/diff`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/x-diff; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe(
      'diff --git a/a.py b/a.py\nnew file mode 100644\n--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+pass\n',
    );
  });

  test('of a task that changed nothing is empty, and there is none before the end', async () => {
    expect(await service.client.diffTask(await ended('not_applied', null))).toBe('');
    const early = await service.call('GET', `/v1/tasks/${await submitted()}/diff`);
    expect(await refused(early, 409)).toMatchObject({ code: 'task_not_ended' });
    const none = await service.call('GET', `/v1/tasks/${UNKNOWN}/diff`);
    expect(await refused(none, 404)).toMatchObject({ code: 'task_not_found' });
  });
});

describe('an apply', () => {
  test('is accepted, waits for a worker, and asked again is the same', async () => {
    const taskId = await ended('not_applied');
    for (const body of [undefined, { check: false }]) {
      const response = await post(taskId, 'apply', { body });
      expect(response.status).toBe(202);
      expect(PatchAnswer.parse(await response.json())).toMatchObject({
        task_id: taskId,
        patch_request: 'apply',
        last_seq: 3,
      });
    }
    expect(await service.client.getTask(taskId)).toMatchObject({ patch_request: 'apply' });
    const other = await post(taskId, 'apply', { body: { check: true } });
    expect(await refused(other, 409)).toMatchObject({ code: 'patch_request_open' });
  });

  test.each([
    ['already_applied', () => ended('applied')],
    ['nothing_to_apply', () => ended('not_applied', { ...PATCH, changes: [] })],
    ['task_not_ended', submitted],
  ])('that is not possible is refused: %s', async (code, make) => {
    const response = await post(await make(), 'apply');
    expect(await refused(response, 409)).toMatchObject({ code, remedy: expect.any(String) });
  });

  test('needs the key, a known task, and a body without surprises', async () => {
    const taskId = await ended('not_applied');
    await refused(await post(taskId, 'apply', { key: null }), 401);
    await refused(await post(UNKNOWN, 'apply'), 404);
    await refused(await post(taskId, 'apply', { body: { force: true } }), 422);
    expect(await service.client.getTask(taskId)).toMatchObject({ patch_request: null });
  });
});

describe('a revert', () => {
  test('is accepted of a patch in the workspace', async () => {
    const response = await post(await ended('applied'), 'revert');
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ patch_request: 'revert' });
  });

  test('is refused of one that is not there', async () => {
    const response = await post(await ended('not_applied'), 'revert');
    expect(await refused(response, 409)).toMatchObject({ code: 'not_applied' });
  });
});
