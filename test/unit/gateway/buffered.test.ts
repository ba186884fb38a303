import { expect, test } from 'vitest';
import { bufferedRoute, send, testGateway } from '../../support/gateway.ts';

const SIX_MIB = 6 * 1024 * 1024;
const ok = async () => ({ statusCode: 200, body: '{}' });

function answering(result: unknown) {
  return testGateway([bufferedRoute(async () => result)]);
}

test('status, headers and body of the handler reach the client', async () => {
  const { url } = await answering({
    statusCode: 202,
    headers: { Location: '/v1/tasks/1', 'X-Count': 3, 'Content-Length': '999' },
    multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
    body: '{"é":1}',
  });
  const reply = await send(url, '/');
  expect(reply).toMatchObject({ status: 202, body: '{"é":1}' });
  expect(reply.headers).toMatchObject({
    location: '/v1/tasks/1',
    'x-count': '3',
    'set-cookie': ['a=1', 'b=2'],
    'content-type': 'application/json',
    'content-length': '8',
  });
});

test('a header in both records takes its values from the one with many', async () => {
  const { url } = await answering({
    statusCode: 200,
    headers: { 'x-a': 'single', 'Content-Type': 'text/plain' },
    multiValueHeaders: { 'X-A': ['m1', 'm2'] },
    body: '',
  });
  const { headers } = await send(url, '/');
  expect(headers['x-a']).toBe('m1, m2');
  expect(headers['content-type']).toBe('text/plain');
});

test('a base64 body is sent as its bytes', async () => {
  const { url } = await answering({ statusCode: 200, isBase64Encoded: true, body: 'aGk=' });
  expect((await send(url, '/')).body).toBe('hi');
});

test.each([204, 304])('status %i has no body and no content type', async (statusCode) => {
  const { url } = await answering({ statusCode, headers: { ETag: '"1"' }, body: '' });
  const reply = await send(url, '/');
  expect(reply).toMatchObject({ status: statusCode, body: '' });
  expect(reply.headers).not.toHaveProperty('content-type');
  expect(reply.headers).toMatchObject({ etag: '"1"' });
});

test('a handler that throws gives 502, and nothing of the error leaves the house', async () => {
  const { url, log } = await testGateway([
    bufferedRoute(async () => {
      throw new Error('password=hunter2');
    }),
  ]);
  const reply = await send(url, '/');
  expect(reply.status).toBe(502);
  expect(reply.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(reply.body)).toEqual({
    type: 'about:blank',
    title: 'Bad Gateway',
    status: 502,
    detail: 'The function behind this path failed.',
    instance: '/',
    code: 'handler_failed',
    retryable: true,
    remedy: 'Try again; if it goes on, look for the request id in the service log.',
  });
  expect(log).toMatchObject([{ level: 'error', fields: { error: new Error('password=hunter2') } }]);
});

test.each([
  ['nothing', undefined],
  ['no status', { body: 'x' }],
  ['a status that is text', { statusCode: '200' }],
  ['a body that is an object', { statusCode: 200, body: {} }],
  ['a header that cannot be sent', { statusCode: 200, headers: { 'X-A': 'a\r\nb: c' } }],
  ['more than 6 MiB', { statusCode: 200, body: 'x'.repeat(SIX_MIB + 1) }],
])('a handler that answers with %s gives 502', async (_name, result) => {
  const { url } = await answering(result);
  expect((await send(url, '/')).status).toBe(502);
});

test('a handler that cannot be loaded gives 502, and is loaded again at the next request', async () => {
  let loads = 0;
  const load = async () => {
    loads += 1;
    if (loads === 1) throw new Error('no such file');
    return ok;
  };
  const { url } = await testGateway([bufferedRoute(ok, { load })]);
  expect((await send(url, '/')).status).toBe(502);
  expect((await send(url, '/')).status).toBe(200);
  expect((await send(url, '/')).status).toBe(200);
  expect(loads).toBe(2);
});

test.each([
  ['function', { timeoutMs: 30 }],
  ['integration', { integrationTimeoutMs: 30 }],
])('a handler that passes the limit of the %s gives 504', async (_name, limits) => {
  const { url } = await testGateway([
    bufferedRoute(() => Promise.withResolvers<unknown>().promise, limits),
  ]);
  const reply = await send(url, '/');
  expect(reply.status).toBe(504);
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'handler_timed_out', retryable: true });
});

test('a handler that fails after it was given up disturbs nobody', async () => {
  const late = Promise.withResolvers<unknown>();
  const { url } = await testGateway([bufferedRoute(() => late.promise, { timeoutMs: 20 })]);
  expect((await send(url, '/')).status).toBe(504);
  late.reject(new Error('too late'));
  expect((await send(url, '/')).status).toBe(502);
});

test('an unknown path gives 404 and lists nothing', async () => {
  const { url } = await testGateway([bufferedRoute(ok, { path: '/v1/secret' })]);
  const reply = await send(url, '/v1/other?x=1');
  expect(reply.status).toBe(404);
  expect(reply.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'unknown_path', instance: '/v1/other' });
  expect(reply.body).not.toContain('secret');
});

test('a path that is no UTF-8 gives 400', async () => {
  const { url } = await testGateway([bufferedRoute(ok, { path: '/{id}' })]);
  expect((await send(url, '/%ff')).status).toBe(400);
});

test.each(['DELETE', 'OPTIONS', 'HEAD'])(
  '%s where nobody takes it gives 405 with Allow',
  async (method) => {
    const { url } = await testGateway([bufferedRoute(ok), bufferedRoute(ok, { method: 'POST' })]);
    const reply = await send(url, '/', { method });
    expect(reply.status).toBe(405);
    expect(reply.headers).toMatchObject({ allow: 'GET, POST' });
    expect(reply.headers['content-type']).toBe('application/problem+json');
  },
);

test('a request id is taken over when it is sane, and made otherwise', async () => {
  const { url } = await answering({ statusCode: 200, body: '' });
  const idFor = async (id: string) =>
    (await send(url, '/', { headers: { 'X-Request-Id': id } })).headers['x-request-id'];
  expect(await idFor('abc-1')).toBe('abc-1');
  expect(await idFor('a b')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await idFor('x'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/);
});

test('the request id of the handler wins', async () => {
  const { url } = await answering({ statusCode: 200, headers: { 'x-request-id': 'mine' } });
  expect((await send(url, '/')).headers['x-request-id']).toBe('mine');
});

test('a shutdown waits for a running call', async () => {
  const called = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<unknown>();
  const gateway = await testGateway([
    bufferedRoute(() => {
      called.resolve();
      return answer.promise;
    }),
  ]);
  const reply = send(gateway.url, '/');
  await called.promise;
  const closed = gateway.close(5_000);
  answer.resolve({ statusCode: 200, body: 'done' });
  expect(await reply).toMatchObject({ status: 200, body: 'done' });
  await closed;
});

test('a port that is taken is an error', async () => {
  const { port } = await testGateway([bufferedRoute(ok)]);
  await expect(testGateway([], { port } as object)).rejects.toThrow('EADDRINUSE');
});
