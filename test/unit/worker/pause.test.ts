import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { pause } from '../../../lib/worker/pause.ts';

test('a pause leaves nothing behind on the signal, however many there are in a long outage', async () => {
  const { signal } = new AbortController();
  for (let times = 0; times < 3; times += 1) await pause(1, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a pause ends when the signal fires, and does not begin after it', async () => {
  const control = new AbortController();
  const paused = pause(600_000, control.signal);
  control.abort(new Error('stop'));
  await expect(paused).resolves.toBeUndefined();
  await expect(pause(600_000, control.signal)).resolves.toBeUndefined();
});
