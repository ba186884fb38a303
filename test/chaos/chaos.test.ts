import { expect, test } from 'vitest';
import { runChaos } from './runChaos.ts';

/** CHAOS_SEED repeats the choices of an earlier run. */
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
const TEN_MINUTES = 600_000;

test(`200 tasks end once while everything is killed 48 times (seed ${seed})`, async () => {
  const report = await runChaos({ seed, tasks: 200, kills: 48, deadlineMs: TEN_MINUTES });
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  expect(report.faults).toEqual([]);
  expect(report.acknowledged).toBe(200);
});
