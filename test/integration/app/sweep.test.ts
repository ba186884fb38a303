import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweep } from '../../../lib/app/sweep.ts';
import type { TaskId } from '../../../lib/kernel/ids.ts';
import { createSqsDoorbell } from '../../../lib/queue/adapters/sqs.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';

let service: Service;
const silent = createServer(() => undefined);
beforeAll(async () => {
  service = await openService();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  silent.closeAllConnections();
  silent.close();
  await service?.close();
});

/** A running task whose worker has been silent for longer than its lease. */
async function lapsed(): Promise<TaskId> {
  const body = smallPayload(service.deps.config.workspaceRoot);
  const taskId = (await service.client.submitTask(body)).task_id as TaskId;
  const terms = { owner: 'lost', leaseMs: 1, maxAttempts: 5 };
  expect(await service.deps.store.claimTask({ ...terms, taskId })).toBeDefined();
  return taskId;
}

test('a queue that takes rings and never answers holds no sweep up: lapsed tasks go on', async () => {
  const { deps } = service;
  const { awsRegion: region, queueName, deadLetterQueueName } = deps.config;
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const doorbell = createSqsDoorbell({ endpoint, region, queueName, deadLetterQueueName });
  const started = performance.now();
  for (let round = 1; round <= 2; round += 1) {
    const taskId = await lapsed();
    await expect
      .poll(() => sweep({ ...deps, doorbell }), { timeout: 20_000 })
      .toMatchObject({ swept: true, requeued: 1, rung: 0 });
    expect((await deps.store.findTask(taskId))?.status).toBe('queued');
  }
  expect(performance.now() - started).toBeLessThan(20_000);
  doorbell.close();
}, 60_000);
