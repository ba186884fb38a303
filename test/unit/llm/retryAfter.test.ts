import { expect, test } from 'vitest';
import { retryAfterMs } from '../../../lib/llm/remote/retry.ts';

test('Retry-After may be a date, read by the clock of the server', () => {
  const wait = (after?: string, date = 'Thu, 01 Jan 2026 00:00:00 GMT') =>
    retryAfterMs(new Headers(after === undefined ? { date } : { 'retry-after': after, date }));
  expect(wait('Thu, 01 Jan 2026 00:00:05 GMT')).toBe(5_000);
  expect(wait('Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0);
  expect(wait('Thu, 01 Jan 2026 00:00:05 GMT', '')).toBeUndefined();
  expect(wait('soon')).toBeUndefined();
  expect(wait()).toBeUndefined();
});
