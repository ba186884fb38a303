import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readService, serviceRoutes } from '../../../infra/gateway/service.ts';

const file = join(import.meta.dirname, '../../../serverless.yml');

test('serverless.yml declares every route of the API', async () => {
  const routes = serviceRoutes(await readService(file), async () => async () => undefined);
  expect(
    routes.map(({ method, path, functionName }) => `${method} ${path} ${functionName}`),
  ).toEqual([
    'POST /v1/tasks submitTask',
    'GET /v1/tasks listTasks',
    'GET /v1/tasks/{id} getTask',
    'POST /v1/tasks/{id}/cancel cancel',
    'POST /v1/tasks/{id}/resume resume',
    'GET /v1/tasks/{id}/diff diff',
    'POST /v1/tasks/{id}/apply apply',
    'POST /v1/tasks/{id}/revert revert',
    'GET /v1/tasks/{id}/audit audit',
    'POST /v1/feedback feedback',
    'GET /v1/models models',
    'GET /v1/stream/{id} stream',
    'GET /health health',
    'GET /metrics metrics',
    'GET /openapi.json openapi',
  ]);
});

test('only the stream streams, for 15 minutes; the others have 29 seconds at most', async () => {
  const routes = serviceRoutes(await readService(file), async () => async () => undefined);
  const [stream, ...more] = routes.filter((route) => route.stream);
  expect(stream).toMatchObject({
    functionName: 'stream',
    timeoutMs: 900_000,
    integrationTimeoutMs: 900_000,
  });
  expect(more).toEqual([]);
  for (const { timeoutMs, integrationTimeoutMs, stream: streams } of routes) {
    expect(streams || Math.min(timeoutMs, integrationTimeoutMs) <= 29_000).toBe(true);
  }
});
