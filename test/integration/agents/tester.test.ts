import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { eventsOf, openSolveBench, type SolveBench } from '../../support/solveBench.ts';
import { BASE_TEST, BROKEN, NEW_TEST, RIGHT, review, SCENE } from './subtractScene.ts';

const EMPTY_TEST =
  'import unittest\n\nclass Nothing(unittest.TestCase):\n    def test_nothing(self):\n        self.assertTrue(True)\n';
let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

describe('the tester', () => {
  const goal = 'Add subtract(a, b) to calc.py and write unit tests for it.';

  test('writes tests that fail on the tree before the change, and they speak for the result', async () => {
    const { solved, journal, read } = await bench.solve({
      ...SCENE,
      goal,
      answers: [file('calc.py', RIGHT), file('test_subtract.py', NEW_TEST), review('approve')],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'partially_verified' },
      proof: { tests: 'generated' },
    });
    expect(read('test_subtract.py')).toBe(NEW_TEST);
    expect(journal.ran).toContain('tests.1');
    expect(journal.ran.filter((key) => key === 'generated')).toHaveLength(1);
  });

  const WRONG_TEST = NEW_TEST.replace('2)', '5)');

  test.each([
    ['pass before the change too', EMPTY_TEST],
    ['do not pass', WRONG_TEST],
  ])('has tests rejected that %s, also when they are asked for again', async (_name, content) => {
    const tests = file('test_subtract.py', content);
    const { solved, journal } = await bench.solve({
      ...SCENE,
      goal,
      answers: [file('calc.py', RIGHT), tests, tests, review('approve')],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'partially_verified' },
      proof: { tests: 'none' },
      files: [{ path: 'calc.py' }],
    });
    expect(journal.ran).toContain('tests.rejected');
  });

  test.each([
    ['passes before the change too', EMPTY_TEST, 'they pass on the tree before the change too'],
    ['does not pass', WRONG_TEST, 'AssertionError: 2 != 5'],
  ])('repairs a test that %s', async (_name, content, told) => {
    const { solved, journal, provider, read } = await bench.solve({
      ...SCENE,
      goal,
      answers: [
        file('calc.py', RIGHT),
        file('test_subtract.py', content),
        file('test_subtract.py', NEW_TEST),
        review('approve'),
      ],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'partially_verified' },
      proof: { tests: 'generated' },
    });
    expect(read('test_subtract.py')).toBe(NEW_TEST);
    expect(provider.requests[2]?.messages.at(-1)?.content).toContain(told);
    expect(journal.ran).toContain('tests.2');
    expect(journal.ran).not.toContain('tests.rejected');
    expect(eventsOf(journal, 'prompt.built').map(({ prompts }) => prompts)).toContainEqual([
      'coder/2',
      'mend/1',
    ]);
  });

  test('that shows the code to be wrong has the code repaired', async () => {
    const { solved, read } = await bench.solve({
      ...SCENE,
      goal,
      answers: [
        file('calc.py', RIGHT.replace('a - b', 'b - a')),
        file('test_subtract.py', NEW_TEST),
        file('calc.py', RIGHT),
        review('approve'),
      ],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'partially_verified' },
      proof: { tests: 'generated' },
    });
    expect(read('calc.py')).toBe(RIGHT);
    expect(read('test_subtract.py')).toBe(NEW_TEST);
  });

  test('cannot turn the code against the tests that were there: both are taken back', async () => {
    const bent = RIGHT.replace('a + b', 'a * b').replace('a - b', 'a + b');
    const { solved, read, journal } = await bench.solve({
      ...SCENE,
      goal,
      answers: [
        file('calc.py', RIGHT),
        file('test_subtract.py', NEW_TEST.replace('2)', '4)')),
        file('calc.py', bent),
        review('approve'),
      ],
    });
    expect(solved).toMatchObject({ proof: { tests: 'none', regressed: [] } });
    expect(read('calc.py')).toBe(RIGHT);
    expect(journal.ran).toContain('tests.rejected');
  });

  test('may write new test files only', async () => {
    const { read } = await bench.solve({
      ...SCENE,
      goal,
      answers: [
        file('calc.py', RIGHT),
        file('test_calc.py', EMPTY_TEST) + file('calc.py', BROKEN) + file('test_new.py', NEW_TEST),
        review('approve'),
      ],
    });
    expect(read('calc.py')).toBe(RIGHT);
    expect(read('test_calc.py')).toBe(BASE_TEST);
    expect(read('test_new.py')).toBe(NEW_TEST);
  });
});
