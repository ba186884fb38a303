import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { eventsOf, openSolveBench, type SolveBench } from '../../support/solveBench.ts';
import { CALC, PYTHON, RIGHT, TEST, WRONG } from './pythonScene.ts';

let bench: SolveBench;

beforeAll(async () => {
  bench = await openSolveBench();
});

afterAll(() => {
  bench.close();
});

describe('a Python task', () => {
  test('answered wrong and then right ends verified after one repair', async () => {
    const { solved, journal, provider, read } = await bench.solve({
      ...PYTHON,
      answers: [file('calc.py', WRONG), file('calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({
      kind: 'ended',
      verdict: { name: 'verified' },
      usage: { model_calls: 2 },
      files: [{ path: 'calc.py', action: 'modified' }],
      proof: {
        tests: 'base',
        fixed: ['tests/test_calc.py::Calc.test_adds', 'tests/test_calc.py::Calc.test_subtracts'],
        regressed: [],
      },
    });
    expect(read('calc.py')).toBe(RIGHT);
    expect(journal.ran).toEqual([
      'baseline',
      'code.1',
      'compile.1',
      'smoke.1',
      'code.2',
      'compile.2',
      'smoke.2',
    ]);
    expect(provider.requests[1]?.messages.at(-1)?.content).toContain(
      'test_subtracts: AssertionError: -2 != 2',
    );
    expect(eventsOf(journal, 'oracle.finished').map(({ step, status }) => [step, status])).toEqual([
      ['baseline', 'fail'],
      ['compile.1', 'pass'],
      ['smoke.1', 'fail'],
      ['compile.2', 'pass'],
      ['smoke.2', 'pass'],
    ]);
  });

  test('with a syntax error is repaired from what the compiler said', async () => {
    const { solved, provider } = await bench.solve({
      ...PYTHON,
      answers: [file('calc.py', 'def add(a, b:\n    return a + b\n'), file('calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    const feedback = provider.requests[1]?.messages.at(-1)?.content ?? '';
    expect(feedback).toContain('It does not compile.');
    expect(feedback).toContain('In calc.py:\n- line 1: SyntaxError');
    expect(feedback).toContain('1 | def add(a, b:');
  });

  test('with tests in packages, one broken before, names each by its file', async () => {
    const { solved } = await bench.solve({
      ...PYTHON,
      tree: {
        'shop/__init__.py': '',
        'shop/calc.py': CALC,
        'shop/tests/__init__.py': '',
        'shop/tests/test_calc.py': `${TEST.replace('calc', 'shop.calc')}\nunittest.TestCase.maxDiff = None\n`,
        'test/test_add.py':
          'import unittest\nfrom shop.calc import add\n\nclass Add(unittest.TestCase):\n    def test_zero(self):\n        self.assertEqual(add(0, 0), 0)\n',
      },
      expected: ['shop/calc.py'],
      answers: [file('shop/calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'verified' },
      proof: {
        baseline: [
          {
            cases: [
              { name: 'shop/tests/test_calc.py::(load)', outcome: 'errored' },
              { name: 'test/test_add.py::Add.test_zero', outcome: 'passed' },
            ],
          },
        ],
        fixed: [
          'shop/tests/test_calc.py::Calc.test_adds',
          'shop/tests/test_calc.py::Calc.test_subtracts',
        ],
      },
    });
  });

  test('whose answer breaks what passed before is refuted, with the test named', async () => {
    const broken = RIGHT.replace('return a + b', 'return a * b');
    const { solved } = await bench.solve({
      ...PYTHON,
      tree: {
        'calc.py': CALC,
        'test_add.py':
          'import unittest\nfrom calc import add\n\nclass Add(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(add(1, 2), 3)\n',
      },
      answers: [file('calc.py', broken)],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'refuted' },
      proof: { regressed: ['test_add.py::Add.test_adds'] },
    });
  });

  test('that uses pytest is judged by pytest', async (ctx) => {
    const tests =
      'import pytest\nfrom calc import subtract\n\n\n@pytest.mark.parametrize("n", [1, 2])\ndef test_subtracts(n):\n    assert subtract(n, n) == 0\n';
    const { solved } = await bench.solve({
      ...PYTHON,
      tree: { 'calc.py': CALC, 'tests/test_calc.py': tests },
      answers: [file('calc.py', RIGHT)],
    });
    const reason = solved.kind === 'ended' ? solved.verdict.reason : undefined;
    if (reason === 'dependencies_missing') ctx.skip('pytest is not there: pip install pytest');
    expect(solved).toMatchObject({
      verdict: { name: 'verified' },
      proof: {
        fixed: ['tests/test_calc.py::test_subtracts[1]', 'tests/test_calc.py::test_subtracts[2]'],
      },
    });
  });
});
