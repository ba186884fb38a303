import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { eventsOf, openSolveBench, type SolveBench } from '../../support/solveBench.ts';
import { CALC, PYTHON, RIGHT, TEST, TREE } from './pythonScene.ts';

let bench: SolveBench;

beforeAll(async () => {
  bench = await openSolveBench();
});

afterAll(() => {
  bench.close();
});

describe('a Python task', () => {
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
