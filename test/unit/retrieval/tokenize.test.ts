import fc from 'fast-check';
import { expect, test } from 'vitest';
import { queryTerms, stem, tokenize } from '../../../lib/retrieval/tokenize.ts';

test.each([
  ['parseHTTPRequest', ['parsehttprequest', 'parse', 'http', 'request']],
  ['snake_case_name', ['snake_case_name', 'snake', 'case', 'name']],
  ['sha256', ['sha256', 'sha', '256']],
  ['src/orders/PriceList.java', ['src', 'order', 'pricelist', 'price', 'list', 'java']],
  ['größeÄndern', ['größeändern', 'größe', 'ändern']],
])('the terms of %j are %j', (text, terms) => {
  expect(tokenize(text)).toEqual(terms);
});

test.each([
  ['prices', 'price'],
  ['queries', 'query'],
  ['rounding', 'round'],
  ['stopped', 'stop'],
  ['class', 'class'],
  ['status', 'status'],
])('%s is stemmed to %s', (term, stemmed) => {
  expect(stem(term)).toBe(stemmed);
});

test('a question is counted without the words that say nothing', () => {
  expect([...queryTerms('Fix the rounding of prices in the price list')]).toEqual([
    ['round', 1],
    ['price', 2],
    ['list', 1],
  ]);
});

test('any text has terms, all of them in lower case and not empty', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 500 }), (text) => {
      for (const term of tokenize(text)) expect(term).toBe(term.toLowerCase() || 'a term');
    }),
  );
});
