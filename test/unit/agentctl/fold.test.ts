import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fold } from '../../../scripts/agentctl/render/fold.ts';

it('a line that fits stays as it is', () => {
  expect(fold('model       qwen · 1 call', 80)).toBe('model       qwen · 1 call');
});

it('a line that does not is broken at spaces, below its text', () => {
  const text = `remedy      ${'word '.repeat(12).trim()}`;
  expect(fold(text, 40)).toBe(
    'remedy      word word word word word\n            word word word word word\n            word word',
  );
});

it('what a line begins with is kept, and the indent can be another', () => {
  expect(fold(`  logs       ${'word '.repeat(7).trim()}`, 40, 13)).toBe(
    '  logs       word word word word word\n             word word',
  );
});

it('colours take no room', () => {
  const text = `\u001b[33mremedy    \u001b[39m  ${'w'.repeat(20)}`;
  expect(fold(text, 40)).toBe(text);
});

it('no word is lost, and no row is wider than the screen', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,25}$/), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(words, fc.integer({ min: 40, max: 120 }), (list, columns) => {
      const folded = fold(`label       ${list.join(' ')}`, columns);
      expect(folded.split(/\s+/).slice(1)).toEqual(list);
      for (const row of folded.split('\n')) {
        expect(stripVTControlCharacters(row).length).toBeLessThan(columns);
      }
    }),
  );
});
