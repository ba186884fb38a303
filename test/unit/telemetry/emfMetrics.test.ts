import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMetrics } from '../../../lib/telemetry/adapters/emfMetrics.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metrics-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('a flush writes one embedded-metric line per set of dimensions', async () => {
  const destination = join(folder, 'logs', 'metrics.jsonl');
  const metrics = createMetrics({
    enabled: true,
    namespace: 'Agent',
    service: 'worker',
    destination,
  });
  metrics.put('TaskMs', 12, 'Milliseconds', { language: 'java' });
  metrics.put('TaskMs', 30, 'Milliseconds', { language: 'java' });
  metrics.put('Claims', 1, 'Count');
  await metrics.flush();
  const lines = readFileSync(destination, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    {
      Service: 'worker',
      language: 'java',
      TaskMs: [12, 30],
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Agent',
            Dimensions: [['Service', 'language']],
            Metrics: [{ Name: 'TaskMs', Unit: 'Milliseconds' }],
          },
        ],
      },
    },
    expect.objectContaining({ Service: 'worker', Claims: 1 }),
  ]);
});

it('a second flush does not repeat what the first one wrote', async () => {
  const destination = join(folder, 'metrics.jsonl');
  const metrics = createMetrics({
    enabled: true,
    namespace: 'Agent',
    service: 'worker',
    destination,
  });
  metrics.put('Claims', 1, 'Count');
  await metrics.flush();
  await metrics.flush();
  expect(readFileSync(destination, 'utf8').trimEnd().split('\n')).toHaveLength(1);
});

it('values that nobody flushes are written by themselves before they pile up', async () => {
  const destination = join(folder, 'metrics.jsonl');
  const metrics = createMetrics({
    enabled: true,
    namespace: 'Agent',
    service: 'worker',
    destination,
  });
  for (let count = 0; count < 1_000; count += 1) metrics.put('Claims', 1, 'Count');
  await expect.poll(() => existsSync(destination)).toBe(true);
});

it('a value that nobody flushes is written after a while', async () => {
  const destination = join(folder, 'metrics.jsonl');
  const shared = { enabled: true, namespace: 'Agent', service: 'worker', heldMs: 20 };
  createMetrics({ ...shared, destination }).put('Claims', 1, 'Count');
  await expect.poll(() => existsSync(destination)).toBe(true);
});

it('disabled metrics write nothing', async () => {
  const destination = join(folder, 'metrics.jsonl');
  const metrics = createMetrics({
    enabled: false,
    namespace: 'Agent',
    service: 'worker',
    destination,
  });
  metrics.put('Claims', 1, 'Count');
  await metrics.flush();
  expect(existsSync(destination)).toBe(false);
});

it('a destination that cannot be written is reported and does not fail the work', async () => {
  const warnings: string[] = [];
  const silent = (): void => undefined;
  const logger = {
    debug: silent,
    info: silent,
    error: silent,
    warn: (message: string) => void warnings.push(message),
    with: () => logger,
  };
  const destination = '/dev/null/metrics.jsonl';
  const metrics = createMetrics({
    enabled: true,
    namespace: 'A',
    service: 'w',
    destination,
    logger,
  });
  metrics.put('Claims', 1, 'Count');
  await metrics.flush();
  expect(warnings).toEqual(['metrics could not be written; they are lost']);
});
