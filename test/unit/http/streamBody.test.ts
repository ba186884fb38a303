import { once } from 'node:events';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { streamBody } from '../../../lib/http/streamBody.ts';

function countStreams() {
  return {
    count: 0,
    opened() {
      this.count += 1;
    },
    closed() {
      this.count -= 1;
    },
  };
}

test('a reader gets every chunk, and is counted while it reads', async () => {
  const streams = countStreams();
  const counts: number[] = [];
  const body = streamBody(chunks(50), { streams, control: new AbortController(), stallMs: 1_000 });
  let text = '';
  for await (const chunk of body) {
    counts.push(streams.count);
    text += chunk;
  }
  expect(text).toBe(Array.from({ length: 50 }, (_, at) => `${at};`).join(''));
  expect(new Set(counts)).toEqual(new Set([1]));
  expect(streams.count).toBe(0);
});

test('a reader that takes nothing is cut off, with little held for it', async () => {
  const streams = countStreams();
  const control = new AbortController();
  let made = 0;
  const endless = (async function* () {
    while (!control.signal.aborted) {
      made += 1;
      yield 'x'.repeat(10_000);
    }
  })();
  const body = streamBody(endless, { streams, control, stallMs: 50 });
  const stuck = new Writable({ highWaterMark: 16_384, write: () => undefined });
  await expect(pipeline(body, stuck)).rejects.toThrow('the reader took nothing for 50 ms');
  expect(made * 10_000).toBeLessThan(250_000);
  expect(streams.count).toBe(0);
});

test('a reader that leaves stops the source', async () => {
  const streams = countStreams();
  const control = new AbortController();
  const source = (async function* () {
    yield 'first';
    await once(control.signal, 'abort');
  })();
  const body = streamBody(source, { streams, control, stallMs: 1_000 });
  await once(body, 'readable');
  body.destroy();
  await once(body, 'close');
  expect(control.signal.aborted).toBe(true);
  await expect.poll(() => streams.count).toBe(0);
});

async function* chunks(count: number): AsyncGenerator<string> {
  for (let at = 0; at < count; at += 1) {
    await new Promise(setImmediate);
    yield `${at};`;
  }
}
