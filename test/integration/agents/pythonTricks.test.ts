import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { openSolveBench, type SolveBench } from '../../support/solveBench.ts';
import { PYTHON, TEST, WRONG } from './pythonScene.ts';

let bench: SolveBench;

beforeAll(async () => {
  bench = await openSolveBench();
});

afterAll(() => {
  bench.close();
});

describe('a Python task', () => {
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
});
