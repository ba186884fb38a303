import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { importHandler } from '../../../infra/gateway/importHandler.ts';
import type { StreamHandler } from '../../../infra/gateway/route.ts';
import { bufferedRoute, testGateway } from '../../support/gateway.ts';
import { openService } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';
import { readStream, sequencesOf } from '../../support/readStream.ts';

test('a stream ends by itself before its function is stopped, and goes on with the next', async () => {
  const service = await openService();
  onTestFinished(() => service.close());
  const file = join(import.meta.dirname, '../../../functions/stream/handler.ts');
  const gateway = await testGateway([
    bufferedRoute(async () => undefined, {
      path: '/v1/stream/{id}',
      stream: true,
      load: () => importHandler<StreamHandler>(file, 'handler'),
      // A little more than the time that is kept for a clean end.
      timeoutMs: 5_300,
      integrationTimeoutMs: 60_000,
    }),
  ]);
  const payload = smallPayload(service.deps.config.workspaceRoot);
  const { task_id } = await service.client.submitTask(payload);
  const url = `${gateway.url}/v1/stream/${task_id}`;
  const started = performance.now();
  const first = await readStream(url);
  expect(performance.now() - started).toBeLessThan(4_000);
  expect(sequencesOf(first)).toEqual([1]);
  const second = await readStream(url, { lastEventId: 1 });
  expect(second.messages.map(({ event }) => event)).toEqual(['snapshot']);
  expect(gateway.log.filter(({ level }) => level !== 'info')).toEqual([]);
});
