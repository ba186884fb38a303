import { expect, test } from 'vitest';
import { HEARTBEAT, withHeartbeats } from '../../../lib/http/heartbeats.ts';

test('a silent source is filled with heartbeats', async () => {
  const control = new AbortController();
  const seen: unknown[] = [];
  for await (const item of withHeartbeats(untilAborted(control.signal), 5)) {
    seen.push(item);
    if (seen.length === 3) control.abort();
  }
  expect(seen).toEqual([HEARTBEAT, HEARTBEAT, HEARTBEAT]);
});

test('a source that always has something ready does not push heartbeats aside', async () => {
  const seen = new Set<unknown>();
  for await (const item of withHeartbeats(count(200_000), 1)) {
    seen.add(item === HEARTBEAT ? HEARTBEAT : 'item');
    if (seen.size === 2) break;
  }
  expect(seen).toEqual(new Set(['item', HEARTBEAT]));
});

test('every item comes through once, in order, and the end ends it', async () => {
  const seen: unknown[] = [];
  for await (const item of withHeartbeats(count(100), 60_000)) seen.push(item);
  expect(seen).toEqual(Array.from({ length: 100 }, (_, at) => at));
});

test('a source that fails fails its reader', async () => {
  const reading = withHeartbeats(failing(), 60_000);
  expect(await reading.next()).toEqual({ done: false, value: 'item' });
  await expect(reading.next()).rejects.toThrow('the log is away');
});

async function* untilAborted(signal: AbortSignal): AsyncGenerator<string> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

async function* count(to: number): AsyncGenerator<number> {
  for (let at = 0; at < to; at += 1) yield at;
}

async function* failing(): AsyncGenerator<string> {
  yield 'item';
  throw new Error('the log is away');
}
