import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import type { CutReason } from '../../../infra/gateway/invokeStreaming.ts';
import type { ResponseStream } from '../../../infra/gateway/responseStream.ts';
import type { GatewayRoute } from '../../../infra/gateway/route.ts';
import { awslambda, send, streamRoute, testGateway } from '../../support/gateway.ts';

const EVENT_STREAM = { statusCode: 200, headers: { 'content-type': 'text/event-stream' } };

function open(out: ResponseStream): ResponseStream {
  return awslambda().HttpResponseStream.from(out, EVENT_STREAM);
}

/** A stream that says hello and then stays open; `cut` resolves with the reason for its end. */
async function openStream(limits: Partial<GatewayRoute> = {}, options = {}) {
  const cut = Promise.withResolvers<CutReason>();
  const route = streamRoute(async (_event, out) => {
    const stream = open(out);
    stream.write('hello');
    await once(stream, 'never').catch((error) => cut.resolve(error.reason));
  }, limits);
  const gateway = await testGateway([route], options);
  const aborted = new AbortController();
  const response = await fetch(gateway.url, { signal: aborted.signal });
  if (response.body === null) throw new Error('no body');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const leave = () => aborted.abort();
  return { ...gateway, response, reader, cut: cut.promise, leave };
}

test('a client that leaves destroys the writable of the handler', async () => {
  const stream = await openStream();
  expect((await stream.reader.read()).value).toBe('hello');
  stream.leave();
  expect(await stream.cut).toBe('client_gone');
});

test('a generator behind a pipeline is closed when the client leaves', async () => {
  const closed = Promise.withResolvers<string>();
  async function* ticks() {
    try {
      for (;;) {
        yield 'tick\n';
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      closed.resolve('closed');
    }
  }
  const { url } = await testGateway([
    streamRoute(async (_event, out) => {
      await pipeline(Readable.from(ticks()), open(out));
    }),
  ]);
  const response = await fetch(url);
  await response.body?.cancel();
  expect(await closed.promise).toBe('closed');
});

test.each<[CutReason, Partial<GatewayRoute>, object]>([
  ['timed_out', { timeoutMs: 50 }, {}],
  ['timed_out', { integrationTimeoutMs: 50 }, {}],
  ['idle', {}, { idleTimeoutMs: 50 }],
])('a stream is cut: %s', async (reason, limits, options) => {
  const stream = await openStream(limits, options);
  expect((await stream.reader.read()).value).toBe('hello');
  await expect(stream.reader.read()).rejects.toThrow('terminated');
  expect(await stream.cut).toBe(reason);
});

test('a stream that never begins gives 504', async () => {
  const { url } = await testGateway([
    streamRoute(async (_event, out) => void (await once(out, 'never').catch(() => undefined)), {
      timeoutMs: 30,
    }),
  ]);
  expect((await send(url, '/')).status).toBe(504);
});

test('bytes keep a stream from being idle', async () => {
  const { url } = await testGateway(
    [
      streamRoute(async (_event, out) => {
        const stream = open(out);
        for (let sent = 0; sent < 12; sent += 1) {
          stream.write('.');
          await new Promise((resolve) => setTimeout(resolve, 25));
        }
        stream.end();
      }),
    ],
    { idleTimeoutMs: 200 },
  );
  expect((await send(url, '/')).body).toBe('............');
});

test('a shutdown ends open streams cleanly and refuses new requests', async () => {
  const stream = await openStream();
  expect((await stream.reader.read()).value).toBe('hello');
  await stream.close(5_000);
  expect((await stream.reader.read()).done).toBe(true);
  expect(await stream.cut).toBe('shutdown');
  await expect(fetch(stream.url)).rejects.toThrow('fetch failed');
});

test('a slow reader holds the writer back', async () => {
  let accepted = 0;
  const stuck = Promise.withResolvers<void>();
  const { url } = await testGateway([
    streamRoute(async (_event, out) => {
      const stream = open(out);
      const chunk = Buffer.alloc(64 * 1024, 'x');
      stream.on('error', () => undefined);
      while (!stream.destroyed && accepted < 4_000) {
        accepted += 1;
        if (!stream.write(chunk)) {
          const drained = once(stream, 'drain').then(() => true);
          const patience = new Promise<boolean>((resolve) => setTimeout(resolve, 500, false));
          if (!(await Promise.race([drained, patience]))) break;
        }
      }
      stuck.resolve();
    }),
  ]);
  const response = await fetch(url);
  await stuck.promise;
  expect(accepted).toBeLessThan(1_000);
  await response.body?.cancel();
});
