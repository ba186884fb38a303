import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { eventsOf, openSolveBench, type SolveBench } from '../../support/solveBench.ts';

const TEST = `import unittest
from calc import add, subtract

class Calc(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(1, 2), 3)

    def test_subtracts(self):
        self.assertEqual(subtract(3, 1), 2)
`;
const CALC = 'def add(a, b):\n    return a + b\n';
const RIGHT = `${CALC}\n\ndef subtract(a, b):\n    return a - b\n`;
const WRONG = `${CALC}\n\ndef subtract(a, b):\n    return b - a\n`;
const TREE = { 'calc.py': CALC, 'tests/test_calc.py': TEST };
const PYTHON = { language: 'python' as const, tree: TREE, expected: ['calc.py'] };

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

  test('whose answer rewrites the failing test is judged by the test as it was', async () => {
    const tamed = TEST.replace('self.assertEqual(subtract(3, 1), 2)', 'pass');
    const { solved } = await bench.solve({
      ...PYTHON,
      answers: [file('calc.py', WRONG) + file('tests/test_calc.py', tamed)],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'refuted' } });
  });

  test('whose answer leaves the interpreter early is suspect, and refuted', async () => {
    const cheat = `import os\n${WRONG}\nos._exit(0)\n`;
    const { solved } = await bench.solve({ ...PYTHON, answers: [file('calc.py', cheat)] });
    expect(solved).toMatchObject({
      kind: 'ended',
      verdict: { name: 'refuted' },
      proof: { runs: [{ phase: 'compile' }, { phase: 'smoke', status: 'suspect' }] },
    });
  });

  test('whose answer bends unittest itself is refuted', async () => {
    const cheat = `import unittest\nunittest.TestCase.assertEqual = lambda *given: None\n${WRONG}`;
    const { solved } = await bench.solve({ ...PYTHON, answers: [file('calc.py', cheat)] });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'refuted' } });
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

  test('with tests of the run only is at most partially verified', async () => {
    const { solved } = await bench.solve({
      ...PYTHON,
      tree: { 'calc.py': CALC },
      answers: [file('calc.py', RIGHT) + file('tests/test_calc.py', TEST)],
    });
    expect(solved).toMatchObject({
      kind: 'ended',
      verdict: { name: 'partially_verified' },
      proof: { tests: 'generated' },
    });
  });

  test('with a new test that passes on the base tree too has no test that speaks for the goal', async () => {
    const idle =
      'import unittest\n\nclass Idle(unittest.TestCase):\n    def test_nothing(self):\n        pass\n';
    const { solved } = await bench.solve({
      ...PYTHON,
      tree: { 'calc.py': CALC },
      answers: [file('calc.py', RIGHT) + file('tests/test_idle.py', idle)],
    });
    expect(solved).toMatchObject({
      kind: 'ended',
      verdict: { name: 'partially_verified' },
      proof: { tests: 'none' },
    });
  });

  test("is verified by the user's own command where there is no test", async () => {
    const { solved } = await bench.solve({
      ...PYTHON,
      tree: { 'calc.py': CALC },
      oracle: { command: ['python3', '-c', 'import calc; assert calc.subtract(3, 1) == 2'] },
      answers: [file('calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({
      kind: 'ended',
      verdict: { name: 'verified' },
      proof: { tests: 'command' },
    });
  });

  test('with no oracle asked for runs nothing and proves nothing', async () => {
    const { solved, journal } = await bench.solve({
      ...PYTHON,
      oracle: { smoke: false },
      answers: [file('calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'unverified', reason: 'oracle_not_requested' },
    });
    expect(eventsOf(journal, 'exec.finished')).toEqual([]);
  });

  test('of which an expected file was not written is refuted', async () => {
    const { solved } = await bench.solve({
      ...PYTHON,
      expected: ['calc.py', 'missing.py'],
      answers: [file('calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'refuted', summary: 'Expected but not there: missing.py.' },
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

  test('whose declared package is not installed says which', async () => {
    const { solved } = await bench.solve({
      ...PYTHON,
      tree: { ...TREE, 'requirements.txt': 'no-such-package==1.0\n' },
      answers: [file('calc.py', `import no_such_package\n${RIGHT}`)],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'unverified', reason: 'dependencies_missing' },
    });
  });

  test('that never ends is stopped and not proved', async () => {
    const { solved } = await bench.solve({
      ...PYTHON,
      constraints: { latency_ms: 8_000 },
      answers: [file('calc.py', `${RIGHT}\nwhile True:\n    pass\n`)],
    });
    expect(solved).toMatchObject({ verdict: { name: 'unverified', reason: 'oracle_timed_out' } });
  });
});
