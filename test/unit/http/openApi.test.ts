import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { openApi } from '../../../lib/http/openApi.ts';

const document = JSON.parse(JSON.stringify(openApi()));
const serverless = parse(
  readFileSync(join(import.meta.dirname, '../../../serverless.yml'), 'utf8'),
  { logLevel: 'silent' },
);

test('every call of the contract is described', () => {
  const calls = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(Object(item)).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(calls.sort()).toEqual([
    'GET /health',
    'GET /metrics',
    'GET /openapi.json',
    'GET /v1/models',
    'GET /v1/stream/{id}',
    'GET /v1/tasks',
    'GET /v1/tasks/{id}',
    'GET /v1/tasks/{id}/audit',
    'GET /v1/tasks/{id}/diff',
    'POST /v1/feedback',
    'POST /v1/tasks',
    'POST /v1/tasks/{id}/apply',
    'POST /v1/tasks/{id}/cancel',
    'POST /v1/tasks/{id}/resume',
    'POST /v1/tasks/{id}/revert',
  ]);
});

test('what is described is what is deployed', () => {
  const deployed = Object.values(serverless.functions).flatMap((definition) =>
    Object(definition)
      .events?.filter((event: object) => 'http' in event)
      .map(({ http }: { http: { path: string } }) => `/${http.path}`),
  );
  const described = Object.keys(document.paths);
  expect(new Set(deployed.filter((path) => path !== undefined))).toEqual(new Set(described));
});

test('every reference resolves', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, reference = '']) => reference,
  );
  expect(references.length).toBeGreaterThan(30);
  for (const reference of references) expect(resolve(reference), reference).toBeTypeOf('object');
});

test('a submit needs the key, and an unknown field of it is not allowed', () => {
  const { security, requestBody } = document.paths['/v1/tasks'].post;
  expect(security).toEqual([{ apiKey: [] }]);
  expect(document.components.securitySchemes.apiKey).toMatchObject({
    in: 'header',
    name: 'X-API-Key',
  });
  const payload = resolve(requestBody.content['application/json'].schema.$ref);
  expect(payload).toMatchObject({ additionalProperties: false, required: ['type', 'input'] });
});

test('every operation says how it declines', () => {
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(Object(item))) {
      const { responses } = Object(operation);
      expect(responses['500'].content).toHaveProperty(['application/problem+json']);
    }
  }
});

function resolve(reference: string): unknown {
  return reference
    .replace(/^#\//, '')
    .split('/')
    .reduce((at: unknown, name) => Reflect.get(Object(at), name), document);
}
