import { expect, test } from 'vitest';
import { bufferedRoute, send, testGateway } from '../../support/gateway.ts';

const ok = async () => ({ statusCode: 200, body: '{}' });

test('with no allowlist another origin gets no CORS header', async () => {
  const { url } = await testGateway([bufferedRoute(ok)]);
  const reply = await send(url, '/', { headers: { Origin: 'http://evil.example' } });
  expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual(
    [],
  );
});

test('a listed origin may read, and its preflight is answered', async () => {
  const { url } = await testGateway([bufferedRoute(ok), bufferedRoute(ok, { method: 'POST' })], {
    corsOrigins: ['http://ui.example'],
  });
  const Origin = 'http://ui.example';
  const read = await send(url, '/', { headers: { Origin } });
  expect(read.headers).toMatchObject({ 'access-control-allow-origin': Origin, vary: 'Origin' });
  const preflight = await send(url, '/', {
    method: 'OPTIONS',
    headers: { Origin, 'Access-Control-Request-Method': 'POST' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers['access-control-allow-methods']).toBe('GET, POST');
});

test('an origin that is not listed is not reflected', async () => {
  const { url } = await testGateway([bufferedRoute(ok)], { corsOrigins: ['http://ui.example'] });
  const headers = { Origin: 'http://ui.example.evil', 'Access-Control-Request-Method': 'GET' };
  expect((await send(url, '/', { headers })).headers).not.toHaveProperty(
    'access-control-allow-origin',
  );
  expect((await send(url, '/', { method: 'OPTIONS', headers })).status).toBe(405);
});
