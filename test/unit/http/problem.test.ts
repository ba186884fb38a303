import { expect, test } from 'vitest';
import * as z from 'zod';
import { pointerTo, problemAnswer, refuseInvalid } from '../../../lib/http/problem.ts';
import { Refusal } from '../../../lib/kernel/errors.ts';
import { flawWords } from '../../../lib/kernel/flawWords.ts';
import { ProblemBody } from '../../../lib/task/answers.ts';

function bodyOf(error: unknown): ProblemBody {
  return ProblemBody.parse(JSON.parse(String(problemAnswer(error, '/v1/tasks').body)));
}

test('a refusal becomes problem details with its code and remedy', () => {
  const refusal = new Refusal('not_found', 'there is no task x', {
    code: 'task_not_found',
    remedy: 'list the tasks',
  });
  const answer = problemAnswer(refusal, '/v1/tasks/x');
  expect(answer.status).toBe(404);
  expect(answer.headers).toEqual({ 'content-type': 'application/problem+json' });
  expect(JSON.parse(String(answer.body))).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'there is no task x',
    instance: '/v1/tasks/x',
    code: 'task_not_found',
    retryable: false,
    remedy: 'list the tasks',
    errors: [],
  });
});

test.each([
  ['malformed', 400],
  ['unauthenticated', 401],
  ['forbidden', 403],
  ['not_found', 404],
  ['method_not_allowed', 405],
  ['conflict', 409],
  ['too_large', 413],
  ['unsupported_media_type', 415],
  ['invalid', 422],
  ['rate_limited', 429],
  ['unavailable', 503],
] as const)('%s is answered with %i', (kind, status) => {
  expect(problemAnswer(new Refusal(kind, 'no', { code: 'c' }), '/').status).toBe(status);
});

test('only what may pass by itself is retryable, and says when', () => {
  const busy = problemAnswer(new Refusal('rate_limited', 'full', { code: 'queue_full' }), '/');
  expect(busy.headers).toMatchObject({ 'retry-after': '5' });
  const away = new Refusal('unavailable', 'away', { code: 'c', retryAfterSeconds: 2 });
  expect(problemAnswer(away, '/').headers).toMatchObject({ 'retry-after': '2' });
  expect(bodyOf(away).retryable).toBe(true);
  expect(
    problemAnswer(new Refusal('conflict', 'no', { code: 'c' }), '/').headers,
  ).not.toHaveProperty('retry-after');
});

test('an unexpected error tells nothing of itself', () => {
  const answer = problemAnswer(new TypeError('password=hunter2 at /srv/app.ts:1'), '/');
  expect(answer.status).toBe(500);
  expect(String(answer.body)).not.toMatch(/hunter2|app\.ts|TypeError|stack/);
});

test('a missing key says how to present one', () => {
  const refusal = new Refusal('unauthenticated', 'no key', { code: 'api_key_missing' });
  expect(problemAnswer(refusal, '/').headers).toMatchObject({ 'www-authenticate': 'ApiKey' });
});

test('every flaw is listed, each unknown field by its own pointer', () => {
  const schema = z.strictObject({ a: z.int(), deep: z.strictObject({ b: z.string() }) });
  const value = { a: 'x', deep: { b: 'y', 'c/d~e': 1 }, f: 1, g: 2 };
  const parsed = schema.safeParse(value, { error: flawWords });
  const refusal = refuseInvalid(parsed.error ?? new z.ZodError([]), 'body');
  expect(refusal.errors).toEqual([
    { pointer: '/a', detail: 'must be a number' },
    { pointer: '/deep/c~1d~0e', detail: 'unknown field "c/d~e"' },
    { pointer: '/f', detail: 'unknown field "f"' },
    { pointer: '/g', detail: 'unknown field "g"' },
  ]);
  expect(refusal.message).toBe(
    'the body has 4 flaws: /a must be a number; /deep/c~1d~0e unknown field "c/d~e"; /f unknown field "f"; and 1 more',
  );
});

test('the pointer of the whole body is empty', () => {
  expect(pointerTo([])).toBe('');
  expect(pointerTo(['a', 0, 'b'])).toBe('/a/0/b');
});

test('a parameter that is not known is called one, and a body that is no object is named as a whole', () => {
  const query = z.strictObject({ limit: z.string() }).safeParse({ limit: '1', lmit: '2' });
  expect(refuseInvalid(query.error ?? new z.ZodError([]), 'query').message).toBe(
    'the query has one flaw: /lmit unknown parameter "lmit"',
  );
  const body = z.strictObject({}).safeParse([], { error: flawWords });
  expect(refuseInvalid(body.error ?? new z.ZodError([]), 'body').message).toBe(
    'the body has one flaw: it must be an object',
  );
});
