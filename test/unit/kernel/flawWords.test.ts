import { expect, test } from 'vitest';
import * as z from 'zod';
import { flawWords } from '../../../lib/kernel/flawWords.ts';

function saidOf(schema: z.ZodType, value: unknown): string[] {
  return schema.safeParse(value, { error: flawWords }).error?.issues.map((i) => i.message) ?? [];
}

test.each([
  [z.object({ a: z.string() }), {}, 'is missing'],
  [z.object({ a: z.enum(['x', 'y']) }), {}, 'is missing'],
  [z.object({ a: z.literal('CODE') }), { a: 'code' }, 'must be "CODE"'],
  [z.object({ a: z.enum(['x', 'y', '']) }), { a: 'z' }, 'must be one of x, y'],
  [z.object({ a: z.string() }), { a: 5 }, 'must be a text'],
  [z.object({ a: z.boolean() }), { a: 'yes' }, 'must be true or false'],
  [z.object({ a: z.array(z.string()) }), { a: 'yes' }, 'must be a list'],
  [z.object({ a: z.strictObject({}) }), { a: null }, 'must be an object'],
  [z.object({ a: z.coerce.number() }), { a: 'abc' }, 'must be a number'],
  [z.object({ a: z.coerce.number().int() }), { a: '1.5' }, 'must be a whole number'],
  [z.object({ a: z.int() }), { a: 'x' }, 'must be a number'],
  [z.object({ a: z.number().min(500) }), { a: 1 }, 'must be at least 500'],
  [z.object({ a: z.number().max(65_535) }), { a: 70_000 }, 'must be at most 65,535'],
  [z.object({ a: z.string().min(1) }), { a: '' }, 'must not be empty'],
  [z.object({ a: z.string().max(3) }), { a: 'abcd' }, 'must have at most 3 characters'],
  [z.object({ a: z.array(z.int()).max(1) }), { a: [1, 2] }, 'must have at most 1 entry'],
  [z.object({ a: z.url() }), { a: 'nonsense' }, 'must be an address, such as http://host:port'],
])('a flaw is told in words a person can act on: %#', (schema, value, words) => {
  expect(saidOf(schema, value)).toEqual([words]);
});

test('words that a schema brings along are kept', () => {
  const schema = z.string().refine(() => false, 'must be a palindrome');
  expect(saidOf(schema, 'x')).toEqual(['must be a palindrome']);
});
