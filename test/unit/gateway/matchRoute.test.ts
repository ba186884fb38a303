import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMatchRoute } from '../../../infra/gateway/matchRoute.ts';
import { bufferedRoute } from '../../support/gateway.ts';

function table(...lines: string[]) {
  return createMatchRoute(
    lines.map((line) => {
      const [method = '', path = ''] = line.split(' ');
      return bufferedRoute(async () => undefined, { method, path, functionName: line });
    }),
  );
}

const tasks = table(
  'GET /v1/tasks/{id}',
  'POST /v1/tasks',
  'GET /v1/tasks',
  'POST /v1/tasks/{id}/cancel',
  'GET /v1/tasks/mine',
);

function nameOf(match: ReturnType<typeof tasks>): string {
  return match.kind === 'matched' ? match.route.functionName : match.kind;
}

test('a path finds the route of its method', () => {
  expect(nameOf(tasks('POST', '/v1/tasks'))).toBe('POST /v1/tasks');
  expect(nameOf(tasks('GET', '/v1/tasks'))).toBe('GET /v1/tasks');
  expect(nameOf(tasks('POST', '/v1/tasks/7/cancel'))).toBe('POST /v1/tasks/{id}/cancel');
});

test('a literal segment wins over a parameter, in whatever order they were declared', () => {
  expect(nameOf(tasks('GET', '/v1/tasks/mine'))).toBe('GET /v1/tasks/mine');
});

test('path parameters are percent-decoded, and a plus sign stays one', () => {
  const match = tasks('GET', '/v1/tasks/a%20b%2Fc+d%C3%A9');
  expect(match).toMatchObject({ kind: 'matched', pathParameters: { id: 'a b/c+dé' } });
});

test('a method that no route has is told the ones there are', () => {
  expect(tasks('DELETE', '/v1/tasks')).toEqual({ kind: 'wrong_method', allow: ['POST', 'GET'] });
  expect(tasks('HEAD', '/v1/tasks/1')).toEqual({ kind: 'wrong_method', allow: ['GET'] });
});

test.each([
  '/',
  '/v1',
  '/v1/tasks/',
  '/v1/tasks/1/',
  '//v1/tasks',
  '/v1/tasks/1/cancel/x',
  '/V1/tasks',
  '*',
])('the path %s is unknown', (path) => {
  expect(tasks('GET', path)).toEqual({ kind: 'unknown_path' });
});

test('a percent sign that encodes no UTF-8 is malformed', () => {
  expect(tasks('GET', '/v1/tasks/%zz')).toEqual({ kind: 'malformed_path' });
  expect(tasks('GET', '/v1/tasks/%ff')).toEqual({ kind: 'malformed_path' });
});

test('two routes for one method and path are refused', () => {
  expect(() => table('GET /a', 'GET /a')).toThrow('two routes for GET /a');
});

test('any id that is encoded comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (id) => {
      const match = tasks('POST', `/v1/tasks/${encodeURIComponent(id)}/cancel`);
      expect(match).toMatchObject({ kind: 'matched', pathParameters: { id } });
    }),
  );
});
