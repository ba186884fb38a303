import { once } from 'node:events';
import { Readable } from 'node:stream';
import middy from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/executionModeStreamifyResponse';
import { expect, test } from 'vitest';
import type { ResponseStream } from '../../../infra/gateway/responseStream.ts';
import { awslambda, bufferedRoute, send, streamRoute, testGateway } from '../../support/gateway.ts';

const EVENT_STREAM = { statusCode: 200, headers: { 'content-type': 'text/event-stream' } };

function open(out: ResponseStream, head: unknown = EVENT_STREAM): ResponseStream {
  return awslambda().HttpResponseStream.from(out, head);
}

test('chunks reach the client as they are written, behind the head of the prelude', async () => {
  const proceed = Promise.withResolvers<void>();
  const { url } = await testGateway([
    streamRoute(async (_event, out) => {
      const stream = open(out, {
        statusCode: 201,
        headers: { 'content-type': 'text/event-stream', 'X-A': '1' },
        cookies: ['a=1', 'b=2'],
      });
      stream.write('first');
      await proceed.promise;
      stream.end('second');
    }),
  ]);
  const response = await fetch(url);
  expect(response.status).toBe(201);
  expect(response.headers.get('x-a')).toBe('1');
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe('first');
  proceed.resolve();
  expect((await reader?.read())?.value).toBe('second');
  expect((await reader?.read())?.done).toBe(true);
});

test.each([1, 2, 3, 7, 1_000])('a prelude may come in pieces of %i bytes', async (size) => {
  const { url } = await testGateway([
    streamRoute(async (_event, out) => {
      out.setContentType('application/vnd.awslambda.http-integration-response');
      const bytes = Buffer.from(`{"statusCode":418,"headers":{"X-É":"1"}}\0\0\0\0\0\0\0\0b\0dy`);
      const text = bytes.toString('latin1').replace('X-Ã\x89', 'X-E');
      for (let at = 0; at < text.length; at += size)
        out.write(Buffer.from(text.slice(at, at + size)));
      out.end();
    }),
  ]);
  const reply = await send(url, '/');
  expect(reply).toMatchObject({ status: 418, body: 'b\0dy' });
  expect(reply.headers['x-e']).toBe('1');
});

test('without a prelude the stream is 200 with the content type that was set', async () => {
  const { url } = await testGateway([
    streamRoute(async (_event, out) => {
      out.setContentType('text/plain');
      out.write({ a: 1 });
      out.end();
    }),
  ]);
  const reply = await send(url, '/');
  expect(reply).toMatchObject({ status: 200, body: '{"a":1}' });
  expect(reply.headers['content-type']).toBe('text/plain');
});

test('a head without a body is an answer too', async () => {
  const { url } = await testGateway([
    streamRoute(async (_event, out) => {
      open(out, { statusCode: 204 }).end();
    }),
  ]);
  expect(await send(url, '/')).toMatchObject({ status: 204, body: '' });
});

test.each<[string, (out: ResponseStream) => void]>([
  ['JSON that cannot be read', (out) => out.end('{oops\0\0\0\0\0\0\0\0')],
  ['no status', (out) => out.end('{}\0\0\0\0\0\0\0\0')],
  ['an end before the separator', (out) => out.end('{"statusCode":200}')],
  [
    'a header that cannot be sent',
    (out) => out.end('{"statusCode":200,"headers":{"a b":"1"}}\0\0\0\0\0\0\0\0'),
  ],
])('a prelude with %s gives 502 without details', async (_name, write) => {
  const { url, log } = await testGateway([
    streamRoute(async (_event, out) => {
      out.setContentType('application/vnd.awslambda.http-integration-response');
      write(out);
    }),
  ]);
  const reply = await send(url, '/');
  expect(reply.status).toBe(502);
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'handler_failed' });
  expect(log).toHaveLength(1);
});

test('a prelude without an end gives 502 after 64 KiB, however long the handler stays', async () => {
  const { url } = await testGateway([
    streamRoute(async (_event, out) => {
      out.setContentType('application/vnd.awslambda.http-integration-response');
      out.write('x'.repeat(70_000));
      await once(out, 'never');
    }),
  ]);
  expect((await send(url, '/')).status).toBe(502);
});

test('a handler that throws before its first byte gives 502', async () => {
  const { url } = await testGateway([
    streamRoute(async () => {
      throw new Error('secret');
    }),
  ]);
  const reply = await send(url, '/');
  expect(reply.status).toBe(502);
  expect(reply.body).not.toContain('secret');
});

test('a handler that throws in the middle cuts the answer, so that nobody takes it for whole', async () => {
  const { url } = await testGateway([
    streamRoute(async (_event, out) => {
      open(out).write('half');
      throw new Error('secret');
    }),
  ]);
  await expect(send(url, '/')).rejects.toThrow('aborted');
});

test('middy in its streaming mode is served', async () => {
  awslambda();
  const handler = middy({ executionMode: executionModeStreamifyResponse }).handler(async () => ({
    ...EVENT_STREAM,
    body: Readable.from(['a', 'b', 'c']),
  }));
  const route = streamRoute(async () => undefined, { load: async () => handler as never });
  const { url } = await testGateway([route]);
  const reply = await send(url, '/');
  expect(reply).toMatchObject({ status: 200, body: 'abc' });
  expect(reply.headers['content-type']).toBe('text/event-stream');
});

test('a stream route whose handler cannot stream gives 502, and the other way round', async () => {
  const plain = async () => ({ statusCode: 200 });
  const streaming = streamRoute(async (_event, out) => void out.end());
  const { url } = await testGateway([
    bufferedRoute(plain, { path: '/a', stream: true }),
    { ...streaming, path: '/b', stream: false },
  ]);
  expect((await send(url, '/a')).status).toBe(502);
  expect((await send(url, '/b')).status).toBe(502);
});
