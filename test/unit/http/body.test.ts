import middy from '@middy/core';
import jsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { prepareBody, refusalOfParser } from '../../../lib/http/body.ts';
import { Refusal } from '../../../lib/kernel/errors.ts';

type Parts = { body: string | null; type?: string; base64?: boolean };

/** What the route's own chain makes of a body: its value, or the refusal. */
async function read({ body, type = 'application/json', base64 = false }: Parts): Promise<unknown> {
  const event = { body, isBase64Encoded: base64, headers: { 'content-type': type } };
  const chain = middy<APIGatewayProxyEvent>()
    .onError((request) => {
      throw refusalOfParser(request.error, request.event);
    })
    .before((request) => prepareBody(request.event, 'refuse'))
    .use(jsonBodyParser())
    .handler(async (parsed) => parsed.body);
  try {
    return await Reflect.apply(chain, undefined, [event, {}]);
  } catch (error) {
    if (error instanceof Refusal)
      return { kind: error.kind, code: error.code, errors: error.errors, message: error.message };
    throw error;
  }
}

test('JSON is read', async () => {
  expect(await read({ body: '{"a":"ü"}' })).toEqual({ a: 'ü' });
});

test('bytes that are no UTF-8 are refused instead of being read as something else', async () => {
  const body = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]).toString('base64');
  expect(await read({ body, base64: true })).toMatchObject({
    kind: 'malformed',
    code: 'body_not_utf8',
  });
});

test('a base64 body that is UTF-8 is read', async () => {
  const body = Buffer.from('{"a":1}').toString('base64');
  expect(await read({ body, base64: true })).toEqual({ a: 1 });
});

test.each(['{', '{"a":1,}', 'null null', '// no'])('%j is malformed', async (body) => {
  expect(await read({ body })).toMatchObject({ kind: 'malformed', code: 'json_malformed' });
});

test('malformed JSON is told with the place', async () => {
  expect(await read({ body: '{\n "a":1,\n}' })).toMatchObject({
    message: expect.stringMatching(/^the body is not valid JSON: .*line 3 column 1/),
  });
});

test.each([null, '', '  \n'])('the body %j is missing', async (body) => {
  expect(await read({ body })).toMatchObject({ kind: 'malformed', code: 'body_missing' });
});

test('another media type is refused', async () => {
  expect(await read({ body: '{}', type: 'text/plain' })).toMatchObject({
    kind: 'unsupported_media_type',
  });
});

test('the limit counts bytes, not characters', async () => {
  const exactly = `"${'ü'.repeat(524_287)}"`;
  expect(await read({ body: exactly })).toHaveLength(524_287);
  expect(await read({ body: `${exactly} ` })).toMatchObject({
    kind: 'too_large',
    code: 'body_too_large',
  });
});

test('keys that could change a prototype are named as unknown fields', async () => {
  const body = '{"a":{"__proto__":{"admin":true}},"constructor":{"prototype":{}}}';
  expect(await read({ body })).toMatchObject({
    kind: 'invalid',
    code: 'body_invalid',
    errors: [
      { pointer: '/a/__proto__', detail: 'unknown field "__proto__"' },
      { pointer: '/constructor', detail: 'unknown field "constructor"' },
    ],
  });
});
