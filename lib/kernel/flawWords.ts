import type * as z from 'zod';

/**
 * What is wrong with a value, in words for the person who sent it: to be handed to a schema's `parse` as `error`. Undefined
 * where the schema's own words are better.
 */
export function flawWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return missing(issue.input) ?? `must be ${typeWords(issue.expected)}`;
    case 'invalid_value':
      return missing(issue.input) ?? `must be ${oneOf(issue.values)}`;
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return `must ${sizeWords(issue.origin, issue.maximum, 'at most')}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'must be an address, such as http://host:port' : undefined;
    default:
      return undefined;
  }
}

function missing(input: unknown): string | undefined {
  return input === undefined ? 'is missing' : undefined;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

function typeWords(expected: string): string {
  return TYPE_WORDS[expected] ?? expected;
}

/** An empty text stands for a flag without a value, which nobody needs to be told to write. */
function oneOf(values: readonly unknown[]): string {
  const shown = values.filter((value) => value !== '').map(String);
  return shown.length === 1 ? JSON.stringify(values[0]) : `one of ${shown.join(', ')}`;
}

function tooSmall({ origin, minimum }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>): string {
  const isNothing = minimum === 1 && (origin === 'string' || origin === 'array');
  return isNothing ? 'must not be empty' : `must ${sizeWords(origin, minimum, 'at least')}`;
}

function sizeWords(origin: string, limit: number | bigint, bound: 'at least' | 'at most'): string {
  const size = limit.toLocaleString('en');
  switch (origin) {
    case 'string':
      return `have ${bound} ${size} ${limit === 1 ? 'character' : 'characters'}`;
    case 'array':
      return `have ${bound} ${size} ${limit === 1 ? 'entry' : 'entries'}`;
    default:
      return `be ${bound} ${size}`;
  }
}
