import { describe, expect, test } from 'vitest';
import { bm25 } from '../../../lib/retrieval/bm25.ts';
import { rankFiles } from '../../../lib/retrieval/rankFiles.ts';
import { symbolsOf } from '../../../lib/retrieval/symbols.ts';

const source = (path: string, text: string, isTest = false) => ({ path, text, isTest });

describe('BM25', () => {
  const field = (terms: string[]) => [{ terms, weight: 1, b: 0.75 }];

  test('a rare term counts for more than a common one, and none for nothing', () => {
    const documents = [field(['rare', 'common']), field(['common']), field(['common']), field([])];
    const question = new Map([
      ['rare', 1],
      ['common', 1],
    ]);
    const [first = 0, second = 0, , last] = bm25(documents, question);
    expect(first).toBeGreaterThan(2 * second);
    expect(last).toBe(0);
  });

  test('a term in a short document counts for more than in a long one', () => {
    const long = ['x', ...Array.from({ length: 99 }, () => 'y')];
    const [short = 0, hidden = 0] = bm25([field(['x']), field(long)], new Map([['x', 1]]));
    expect(short).toBeGreaterThan(hidden);
  });
});

test('the names that a file defines are found in every language', () => {
  expect(symbolsOf('export async function loadView() {}\nexport const MAX = 1;\n')).toEqual([
    'loadView',
    'MAX',
  ]);
  expect(symbolsOf('class Cart:\n    def add_item(self):\n')).toEqual(['Cart', 'add_item']);
  expect(symbolsOf('public final class Cart {\n  public int total(List<Item> items) {\n')).toEqual(
    expect.arrayContaining(['Cart', 'total']),
  );
  expect(symbolsOf('pub fn parse() {}\nfunc (c *Cart) Total() int {\n')).toEqual([
    'parse',
    'Total',
  ]);
});

describe('the order of files', () => {
  const files = [
    source('src/cart.py', 'class Cart:\n    def total(self):\n        return 0\n'),
    source('src/price.py', 'def round_price(amount):\n    return amount\n'),
    source('src/zebra.py', 'x = 1\n'),
    source('tests/test_price.py', 'def test_round_price():\n    assert round_price(1)\n', true),
  ];

  test('puts what defines the thing asked about before what only mentions it', () => {
    expect(rankFiles(files, 'Fix the rounding of prices')[0]).toBe('src/price.py');
  });

  test('puts a path that is named first', () => {
    expect(rankFiles(files, 'Rename x in zebra.py, as round_price does')[0]).toBe('src/zebra.py');
  });

  test('holds tests back unless they are asked for', () => {
    const [first, second] = rankFiles(files, 'a unit test of round price');
    expect([first, second]).toContain('tests/test_price.py');
  });

  test('is by path where the question fits nothing', () => {
    expect(rankFiles(files, 'quantum')).toEqual(files.map(({ path }) => path));
  });
});
