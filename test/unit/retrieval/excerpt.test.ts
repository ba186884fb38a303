import { expect, test } from 'vitest';
import { bestLines } from '../../../lib/retrieval/excerpt.ts';
import { scoreFiles } from '../../../lib/retrieval/rankFiles.ts';

const filler = (count: number) => Array.from({ length: count }, (_, at) => `line_${at} = ${at}`);

test('the lines that hold most words of a question are taken', () => {
  const text = [
    ...filler(200),
    'def round_half_even(amount):',
    '    return amount',
    ...filler(200),
  ].join('\n');
  const { from, lines } = bestLines(text, 'rounding of an amount', 20);
  expect(lines).toHaveLength(20);
  expect(from).toBeLessThanOrEqual(201);
  expect(lines).toContain('def round_half_even(amount):');
});

test('without any word of it they are the first ones, and a short text is taken whole', () => {
  expect(bestLines(filler(100).join('\n'), 'zygote', 3)).toEqual({
    from: 1,
    lines: ['line_0 = 0', 'line_1 = 1', 'line_2 = 2'],
  });
  expect(bestLines('a\nb', 'b', 60)).toEqual({ from: 1, lines: ['a', 'b'] });
});

test('a file without a word of the question is worth nothing', () => {
  const files = [
    { path: 'a.py', text: 'def rounding(): pass', isTest: false },
    { path: 'b.py', text: 'def other(): pass', isTest: false },
  ];
  const [first, second] = scoreFiles(files, 'rounding');
  expect(first).toMatchObject({ path: 'a.py' });
  expect(first?.score).toBeGreaterThan(0);
  expect(second).toEqual({ path: 'b.py', score: 0 });
});
