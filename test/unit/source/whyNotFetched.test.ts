import { expect, test } from 'vitest';
import { treeFlaw } from '../../../lib/source/treeFlaw.ts';
import { whyNotFetched } from '../../../lib/source/whyNotFetched.ts';

const tree = { url: 'https://h/r', ref: 'main' };

test.each([
  [
    "fatal: unable to access 'https://h/r/': The requested URL returned error: 302",
    'denied',
    'redirects',
  ],
  ["fatal: couldn't find remote ref main", 'missing', 'has no main'],
  ['error: Server does not allow request for unadvertised object 01', 'missing', 'has no main'],
  [
    "fatal: could not read Username for 'https://h': terminal prompts disabled",
    'missing',
    'private',
  ],
  ["fatal: repository 'https://h/r/' not found", 'missing', 'private'],
  [
    "fatal: unable to access 'https://h/r/': Could not resolve host: h",
    'missing',
    'Could not resolve host',
  ],
])('%s is said in words for who asked', (message, kind, words) => {
  const { why, remedy, ...rest } = whyNotFetched(message, tree);
  expect(rest).toEqual({ kind });
  expect(why).toContain(words);
  expect(remedy).not.toBe('');
});

const LISTING = [
  '100644 blob 0123 12\ta b.txt',
  '100755 blob 4567    30\tdir/1 blob 99 99\tx',
  '160000 commit 89ab       -\tsub',
  '',
].join('\0');

test('files and their bytes are counted, whatever they are called', () => {
  expect(treeFlaw(LISTING, { files: 3, bytes: 42 })).toBeUndefined();
  expect(treeFlaw(LISTING, { files: 2, bytes: 42 })).toContain('3 files');
  expect(treeFlaw(LISTING, { files: 3, bytes: 41 })).toContain('42 bytes');
});
