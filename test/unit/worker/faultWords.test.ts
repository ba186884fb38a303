import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultWords } from '../../../lib/worker/faultWords.ts';

test('the reason of the system is told without the call that met it', () => {
  let cause: unknown;
  try {
    readFileSync('/nonexistent/file');
  } catch (error) {
    cause = error;
  }
  expect(faultWords(new Error('it failed', { cause }))).toBe(
    'it failed: ENOENT: no such file or directory',
  );
});

test('an error without a cause speaks for itself', () => {
  expect(faultWords(new Error('it failed'))).toBe('it failed');
  expect(faultWords('why not')).toBe('why not');
});
