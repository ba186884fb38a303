import type { APIGatewayProxyEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { bufferedRoute, send, sendRaw, testGateway } from '../../support/gateway.ts';

async function echo(path = '/v1/tasks/{id}', method = 'POST') {
  const seen: APIGatewayProxyEvent[] = [];
  const handler = async (event: APIGatewayProxyEvent) => {
    seen.push(event);
    return { statusCode: 200, body: '' };
  };
  const gateway = await testGateway([bufferedRoute(handler, { method, path })]);
  const last = (): APIGatewayProxyEvent => {
    const event = seen.at(-1);
    if (event === undefined) throw new Error('the handler was not called');
    return event;
  };
  return { ...gateway, last };
}

test('the event has the shape of a REST API proxy event', async () => {
  const { url, last } = await echo();
  await send(url, '/v1/tasks/7?a=1', {
    method: 'POST',
    headers: { 'User-Agent': 'me', 'X-Request-Id': 'r-1' },
    body: '{"é":1}',
  });
  expect(last()).toMatchObject({
    resource: '/v1/tasks/{id}',
    path: '/v1/tasks/7',
    httpMethod: 'POST',
    pathParameters: { id: '7' },
    queryStringParameters: { a: '1' },
    stageVariables: null,
    body: '{"é":1}',
    isBase64Encoded: false,
    requestContext: {
      httpMethod: 'POST',
      requestId: 'r-1',
      resourcePath: '/v1/tasks/{id}',
      identity: { sourceIp: '127.0.0.1', userAgent: 'me' },
    },
  });
});

test('a repeated header keeps all its values, and the last one as the single value', async () => {
  const { port, last } = await echo();
  await sendRaw(
    port,
    'POST /v1/tasks/1 HTTP/1.1\r\nHost: x\r\nX-Trace: a\r\nx-trace: b\r\nX-TRACE: c\r\nConnection: close\r\n\r\n',
  );
  expect(last().headers['X-Trace']).toBe('c');
  expect(last().multiValueHeaders['X-Trace']).toEqual(['a', 'b', 'c']);
  expect(Object.keys(last().headers).filter((name) => name.toLowerCase() === 'x-trace')).toEqual([
    'X-Trace',
  ]);
});

test('a header named __proto__ is a header like any other', async () => {
  const { url, last } = await echo();
  await send(url, '/v1/tasks/1?__proto__=q', { method: 'POST', headers: { ['__proto__']: 'h' } });
  expect(Object.getPrototypeOf(last().headers)).toBe(Object.prototype);
  expect(Object.entries(last().queryStringParameters ?? {})).toEqual([['__proto__', 'q']]);
});

test('a repeated query parameter keeps all its values, decoded, with plus as a space', async () => {
  const { url, last } = await echo();
  await send(url, '/v1/tasks/1?tag=a+b&tag=c%2Bd&empty=&bare&bad=%zz', { method: 'POST' });
  expect(last().multiValueQueryStringParameters).toEqual({
    tag: ['a b', 'c+d'],
    empty: [''],
    bare: [''],
    bad: ['%zz'],
  });
  expect(last().queryStringParameters).toEqual({ tag: 'c+d', empty: '', bare: '', bad: '%zz' });
});

test('without a query, a body or parameters the event says null', async () => {
  const { url, last } = await echo('/plain');
  await send(url, '/plain?', { method: 'POST' });
  expect(last()).toMatchObject({
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    body: null,
    isBase64Encoded: false,
  });
});

test('a body that is no UTF-8 arrives as base64', async () => {
  const { url, last } = await echo();
  await send(url, '/v1/tasks/1', { method: 'POST', body: Buffer.from([0x7b, 0xff, 0xfe]) });
  expect(last()).toMatchObject({ body: 'e//+', isBase64Encoded: true });
});

test('a chunked body arrives whole', async () => {
  const { port, last } = await echo();
  await sendRaw(
    port,
    'POST /v1/tasks/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
  );
  expect(last().body).toBe('abcde');
});

test('the path stays percent-encoded, and a second slash names no host', async () => {
  const { url, port, last } = await echo('/{a}/{b}', 'GET');
  await send(url, '/x%2Fy/z%20');
  expect(last()).toMatchObject({ path: '/x%2Fy/z%20', pathParameters: { a: 'x/y', b: 'z ' } });
  await sendRaw(
    port,
    'GET http://elsewhere:1/p/q?r=s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  expect(last()).toMatchObject({ path: '/p/q', queryStringParameters: { r: 's' } });
  const reply = await send(url, '//elsewhere/p');
  expect(reply.status).toBe(404);
});

test('the context counts down from the limit of the function', async () => {
  const handler = async (_event: unknown, context: { getRemainingTimeInMillis(): number }) => ({
    statusCode: 200,
    body: String(context.getRemainingTimeInMillis()),
  });
  const { url } = await testGateway([bufferedRoute(handler, { timeoutMs: 1_234 })]);
  const left = Number((await send(url, '/')).body);
  expect(left).toBeGreaterThan(500);
  expect(left).toBeLessThanOrEqual(1_234);
});
