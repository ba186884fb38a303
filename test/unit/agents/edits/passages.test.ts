import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearestLines } from '../../../../lib/agents/edits/nearestLines.ts';
import { asPassages } from '../../../../lib/agents/edits/passages.ts';
import { file, parse } from '../../../support/modelAnswer.ts';

const LINES = ['a', 'b', '  c', '=======', 'd d', '', '# Title', 'return x'];
const text = fc
  .array(fc.constantFrom(...LINES), { maxLength: 30 })
  .map((lines) => lines.map((line, at) => `${line} ${at % 3}`.trimEnd()).join('\n'));

function outcomeOf(before: string, after: string): string {
  const passages = asPassages(before, after);
  if (passages === undefined) return before === after ? 'equal' : 'nothing said';
  const tree = { 'a.txt': before };
  const { files, problems } = parse(file('a.txt', `${passages}\n`), { expected: [], tree });
  if (problems[0] !== undefined) return problems[0].code;
  return files['a.txt'] === after ? 'led' : 'led astray';
}

describe('what was changed, told by its passages', () => {
  test('leads from one text to the other, or is not clear enough and says so', async () => {
    const outcomes: string[] = [];
    await fc.assert(
      fc.property(text, text, (before, after) => {
        const outcome = outcomeOf(`${before}\n`, `${after}\n`);
        outcomes.push(outcome);
        expect(['led', 'equal', 'search_ambiguous', 'search_miss']).toContain(outcome);
      }),
      { numRuns: 300 },
    );
    expect(outcomes.filter((outcome) => outcome === 'led').length).toBeGreaterThan(50);
  });

  test('takes marks of another length where the text has a line like the divider', () => {
    const passages = asPassages('Title\n=======\nold\n', 'Title\n=======\nnew\n');
    expect(passages).toBe(
      '<<<<<<<<< SEARCH\nTitle\n=======\nold\n=========\nTitle\n=======\nnew\n>>>>>>>>> REPLACE',
    );
  });
});

describe('a divider that could be a heading', () => {
  const tree = { 'a.rst': 'Title\n=======\nold\n' };
  const run = (block: string) => parse(file('a.rst', block), { expected: [], tree });

  test('is never guessed', () => {
    const block = '<<<<<<< SEARCH\nTitle\n=======\nold\n=======\nnew\n>>>>>>> REPLACE\n';
    expect(run(block).codes).toEqual(['malformed_edit a.rst']);
  });

  test('is told apart by longer marks', () => {
    const block =
      '<<<<<<<<< SEARCH\nTitle\n=======\nold\n=========\nTitle\n=======\nnew\n>>>>>>>>> REPLACE\n';
    expect(run(block).files['a.rst']).toBe('Title\n=======\nnew\n');
  });
});

describe('a SEARCH without its REPLACE', () => {
  test('does not take that of the next pair', () => {
    const block =
      '<<<<<<< SEARCH\none\n=======\n<<<<<<< SEARCH\ntwo\n=======\nthree\n>>>>>>> REPLACE\n';
    const { codes } = parse(file('a.txt', block), {
      expected: [],
      tree: { 'a.txt': 'one\ntwo\n' },
    });
    expect(codes).toEqual(['malformed_edit a.txt']);
  });
});

test('mixed line ends that no passage touches stay as they are', () => {
  const tree = { 'a.txt': 'one\r\ntwo\nthree\r\n' };
  const block = '<<<<<<< SEARCH\ntwo\n=======\n2\n>>>>>>> REPLACE\n';
  expect(parse(file('a.txt', block), { expected: [], tree }).files['a.txt']).toBe(
    'one\r\n2\nthree\r\n',
  );
});

describe('the nearest lines', () => {
  const source = ['def total(items):', '    value = sum(items)', '    return value', '', 'x = 1'];

  test('are found though none of them is the same', () => {
    const search = ['def total(entries):', '    result = sum(entries)', '    return result'];
    expect(nearestLines(source, search)).toBe(
      'closest lines 1-3:\ndef total(items):\n    value = sum(items)\n    return value',
    );
  });

  test('are none where nothing is alike', () => {
    expect(nearestLines(source, ['zygote', 'quux'])).toBe('nothing similar in the file');
  });

  test('are found in a large file without waiting', () => {
    const large = Array.from({ length: 40_000 }, (_, at) => `    value_${at} = compute(${at}, b)`);
    const search = Array.from(
      { length: 60 },
      (_, at) => `  value_${at + 70} = compute(${at + 70}, c)`,
    );
    const started = performance.now();
    expect(nearestLines(large, search)).toMatch(/^closest lines 71-130:/);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
