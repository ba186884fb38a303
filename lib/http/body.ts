import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { Refusal } from '../kernel/errors.ts';
import { pointerTo } from './problem.ts';

export const BODY_LIMIT_BYTES = 1_048_576;

/**
 * Makes the body ready for the JSON parser: UTF-8 text that is there and not too large. Throws `Refusal` too_large or
 * malformed.
 */
export function prepareBody(
  event: APIGatewayProxyEvent,
  whenEmpty: 'refuse' | 'empty object',
): void {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > BODY_LIMIT_BYTES) throw tooLarge(bytes.length);
  event.body = decodeUtf8(bytes);
  event.isBase64Encoded = false;
  if (event.body.trim() !== '') return;
  if (whenEmpty === 'refuse') throw missingBody();
  event.body = '{}';
  event.headers = { ...event.headers, 'content-type': 'application/json' };
}

/** A gateway hands on bytes that are no UTF-8 as base64: decoding them loosely would change what was asked. */
function decodeUtf8(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new Refusal('malformed', 'the body is not valid UTF-8', {
    code: 'body_not_utf8',
    remedy: 'encode the JSON as UTF-8',
  });
}

function tooLarge(bytes: number): Refusal {
  return new Refusal('too_large', `the body has ${bytes} bytes; the limit is ${BODY_LIMIT_BYTES}`, {
    code: 'body_too_large',
    remedy: 'put large inputs into the repository and name their path',
  });
}

function missingBody(): Refusal {
  return new Refusal('malformed', 'the body is missing', {
    code: 'body_missing',
    remedy: 'send a JSON object with Content-Type: application/json',
  });
}

/** What the JSON parser's error means for the caller; any other error is returned as it is. */
export function refusalOfParser(error: unknown, event: APIGatewayProxyEvent): unknown {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 415) return wrongMediaType(error);
  if (status !== 422) return error;
  const forbidden = forbiddenKeys(event.body);
  return forbidden.length > 0
    ? forbiddenField(forbidden, error)
    : malformedJson(event.body ?? '', error);
}

function wrongMediaType(cause: unknown): Refusal {
  return new Refusal('unsupported_media_type', 'the body is not declared as JSON', {
    code: 'not_json',
    remedy: 'send Content-Type: application/json',
    cause,
  });
}

/** The parser's words name the place, and show some of what was sent. */
function malformedJson(body: string, cause: unknown): Refusal {
  return new Refusal('malformed', `the body is not valid JSON: ${whyMalformed(body)}`, {
    code: 'json_malformed',
    remedy: 'check it with a JSON validator; comments and trailing commas are not allowed',
    cause,
  });
}

function whyMalformed(body: string): string {
  try {
    JSON.parse(body);
    return 'it cannot be read';
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

function forbiddenField(pointers: string[], cause: unknown): Refusal {
  return new Refusal('invalid', `the body has a forbidden field: ${pointers[0]}`, {
    code: 'body_invalid',
    remedy: 'leave the field out',
    errors: pointers.map((pointer) => ({
      pointer,
      detail: `unknown field ${JSON.stringify(pointer.split('/').at(-1))}`,
    })),
    cause,
  });
}

/** Pointers of the keys that the parser refuses. `JSON.parse` makes them own properties and merges nothing. */
function forbiddenKeys(body: string | null): string[] {
  try {
    return findForbidden(JSON.parse(body ?? ''), []);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function findForbidden(value: unknown, path: string[]): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, key];
    return isForbidden(key, inner) ? [pointerTo(here)] : findForbidden(inner, here);
  });
}

function isForbidden(key: string, inner: unknown): boolean {
  if (key === '__proto__') return true;
  const isObject = inner !== null && typeof inner === 'object';
  return key === 'constructor' && isObject && Object.hasOwn(inner, 'prototype');
}
