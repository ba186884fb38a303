import { expect, it } from 'vitest';
import { Pace, progressLine } from '../../../scripts/agentctl/pull/pullProgress.ts';

it('a line tells how far it is, how fast, and how long it takes', () => {
  expect(progressLine(1_970_000_000, 4_680_000_000, 31_200_000)).toBe(
    '[██████████░░░░░░░░░░░░░░]  42 %  1.97 GB of 4.68 GB  31.2 MB/s  1 min 27 s left',
  );
  expect(progressLine(0, 4_680_000_000, undefined)).toBe(
    '[░░░░░░░░░░░░░░░░░░░░░░░░]   0 %  0 B of 4.68 GB',
  );
  expect(progressLine(5_000, undefined, 1_500)).toBe('5.0 kB  1.5 kB/s');
});

it('the rate is that of the latest five seconds', () => {
  const pace = new Pace();
  expect(pace.rate).toBeUndefined();
  pace.add({ atMs: 0, done: 0 });
  expect(pace.rate).toBeUndefined();
  pace.add({ atMs: 1_000, done: 100 });
  expect(pace.rate).toBe(100);
  pace.add({ atMs: 60_000, done: 100 });
  pace.add({ atMs: 62_000, done: 4_100 });
  expect(pace.rate).toBe(2_000);
});
