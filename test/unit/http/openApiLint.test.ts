import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { openApi } from '../../../lib/http/openApi.ts';

const Content = z.record(z.string(), z.object({ schema: z.unknown().optional() }));
const Operation = z.object({
  operationId: z.string().regex(/^[a-z][A-Za-z]+$/),
  summary: z.string().min(10).regex(/[^.]$/),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(
    z.object({
      name: z.string().min(1),
      in: z.enum(['path', 'query', 'header']),
      required: z.boolean(),
      schema: z.looseObject({}),
    }),
  ),
  requestBody: z.object({ required: z.boolean(), content: Content }).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.object({ description: z.string().min(3), content: Content.optional() }),
  ),
});
const Document = z.object({
  openapi: z.string().regex(/^3\.1\.\d$/),
  info: z.object({ title: z.string().min(1), version: z.string(), description: z.string().min(1) }),
  servers: z.array(z.object({ url: z.string() })).min(1),
  paths: z.record(z.string().startsWith('/'), z.record(z.string(), Operation)),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.object({ type: z.literal('apiKey') }).loose()),
  }),
});

let document: z.infer<typeof Document>;
let operations: ({ path: string; method: string } & z.infer<typeof Operation>)[];

beforeAll(() => {
  // As it goes over the wire: what JSON cannot say is not there.
  document = Document.parse(JSON.parse(JSON.stringify(openApi())));
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, ...operation })),
  );
});

test('the document has the structure of OpenAPI 3.1', () => {
  expect(operations.length).toBeGreaterThan(10);
  const methods = operations.map(({ method }) => method);
  expect(['get', 'post', 'put', 'patch', 'delete']).toEqual(expect.arrayContaining(methods));
});

test('no two operations share an id or a summary', () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(ids).toHaveLength(new Set(ids).size);
  const summaries = operations.map(({ summary }) => summary);
  expect(summaries).toHaveLength(new Set(summaries).size);
});

test('every parameter of a path is declared, once, and none that is not in it', () => {
  for (const { path, operationId, parameters } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = parameters.filter((each) => each.in === 'path');
    expect(
      declared.map(({ name }) => name),
      operationId,
    ).toEqual(inPath);
    expect(declared.every(({ required }) => required)).toBe(true);
    const keys = parameters.map((each) => `${each.in} ${each.name.toLowerCase()}`);
    expect(keys, operationId).toHaveLength(new Set(keys).size);
  }
});

test('no two paths differ only in the names of their parameters', () => {
  const shapes = Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}'));
  expect(shapes).toHaveLength(new Set(shapes).size);
});

test('every operation tells what it answers when all is well, and how it declines', () => {
  for (const { operationId, responses } of operations) {
    const statuses = Object.keys(responses).map(Number);
    expect(
      statuses.some((status) => status < 300),
      operationId,
    ).toBe(true);
    const problems = Object.entries(responses).filter(
      ([status, { content }]) =>
        Number(status) >= 400 && content?.['application/json'] === undefined,
    );
    expect(problems.length, operationId).toBeGreaterThan(0);
    for (const [status, { content }] of problems) {
      expect(content, `${operationId} ${status}`).toEqual({
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      });
    }
  }
});

test('what needs a key says 401, and what takes a body says 400', () => {
  for (const { operationId, security, requestBody, responses } of operations) {
    const needsKey = security.length > 0;
    expect(Object.hasOwn(responses, '401'), operationId).toBe(needsKey);
    if (requestBody === undefined) continue;
    expect(Object.keys(responses), operationId).toContain('400');
  }
});

test('every scheme of security is declared, and every schema is used', () => {
  const schemes = operations.flatMap(({ security }) =>
    security.flatMap((each) => Object.keys(each)),
  );
  expect(Object.keys(document.components.securitySchemes)).toEqual([...new Set(schemes)]);
  const text = JSON.stringify(document);
  const unused = Object.keys(document.components.schemas).filter(
    (name) => !text.includes(`"#/components/schemas/${name}"`),
  );
  expect(unused).toEqual([]);
});
