import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppDeps } from '../../../lib/app/app.ts';
import { reportBacklog } from '../../../lib/app/reportBacklog.ts';
import { openService, type Service } from '../../support/openService.ts';
import { smallPayload } from '../../support/payload.ts';

let service: Service;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service?.close());

/** What the gauges say now, by name. */
async function reported(): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  const metrics: AppDeps['telemetry']['metrics'] = {
    put: (name, value) => {
      values[name] = value;
    },
    flush: async () => undefined,
  };
  const { deps } = service;
  await reportBacklog({ ...deps, telemetry: { ...deps.telemetry, metrics } });
  return values;
}

test('an idle service without a worker reports three zeros', async () => {
  expect(await reported()).toEqual({ workers_alive: 0, tasks_queued: 0, queue_oldest_age_ms: 0 });
});

test('queued tasks are counted, with the age of the oldest', async () => {
  for (let at = 0; at < 2; at += 1) {
    const body = smallPayload(service.deps.config.workspaceRoot);
    expect((await service.call('POST', '/v1/tasks', { body })).status).toBe(202);
  }
  const { tasks_queued: queued, queue_oldest_age_ms: age } = await reported();
  expect(queued).toBe(2);
  expect(age).toBeGreaterThan(0);
});
