import { expect, test } from 'vitest';
import { runChaos } from '../chaos/runChaos.ts';

test('every acknowledged task ends exactly once while API, workers, queue and Postgres are killed', async () => {
  const report = await runChaos({ seed: 20, tasks: 20, kills: 10, deadlineMs: 150_000 });
  expect(report.faults).toEqual([]);
  expect(report.acknowledged).toBe(20);
});
