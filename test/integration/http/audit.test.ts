import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TaskId } from '../../../lib/kernel/ids.ts';
import { brokenAt, type Denial } from '../../../lib/task/audit.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';
import { refused } from '../../support/refused.ts';

let service: Service;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service?.close());

const DENIAL: Denial = {
  kind: 'write',
  step: 'smoke.1',
  comm: 'java',
  pid: 4,
  call: 'openat',
  path: 'link',
  target: '/etc/passwd',
  reason: 'not writable inside the sandbox',
};

test('the audit is read whole over its pages, and its chain holds', async () => {
  const payload = smallPayload(service.deps.config.workspaceRoot);
  const taskId = (await service.client.submitTask(payload)).task_id as TaskId;
  const denials = Array.from({ length: 700 }, (_, index) => ({ ...DENIAL, path: `link${index}` }));
  await service.deps.store.appendDenials({ taskId, denials });
  const page = await service.call('GET', `/v1/tasks/${taskId}/audit?after=698`);
  expect(await page.json()).toMatchObject({
    data: [{ seq: 699 }, { ...DENIAL, path: 'link699', seq: 700, task_id: taskId }],
    has_more: false,
  });
  const entries = await service.client.auditTask(taskId);
  expect(entries).toHaveLength(700);
  expect(brokenAt(entries)).toBeUndefined();
});

test('an unknown task has none', async () => {
  const unknown = '/v1/tasks/01938f2e-6f00-7000-8000-000000000001/audit';
  const answer = await service.call('GET', unknown);
  expect(await refused(answer, 404)).toMatchObject({ code: 'task_not_found' });
});
