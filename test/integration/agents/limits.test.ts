import { afterAll, beforeAll, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { eventsOf, openSolveBench, type SolveBench } from '../../support/solveBench.ts';

let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

const TEST =
  'import unittest\nimport calc\n\nclass Calc(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(calc.add(3, 1), 4)\n';

test.each([
  {
    what: 'a flood of output',
    body: 'while True: print("x" * 10000)',
    reason: 'it printed more than 8 MiB',
  },
  {
    what: 'memory without end',
    body: 'import mmap\n    held = mmap.mmap(-1, 8 << 30)\n    for _ in range(8 << 10): held.write(b"x" * (1 << 20))',
    reason: 'all its processes together held more than 2048 MiB of memory',
  },
])('$what is told with its limit and what to do, to the user and to the model', async (flood) => {
  const { journal, solved, provider } = await bench.solve({
    language: 'python',
    tree: { 'calc.py': 'pass\n', 'test_calc.py': TEST },
    expected: ['calc.py'],
    answers: [
      file('calc.py', `def add(a, b):\n    ${flood.body}\n`),
      file('calc.py', 'def add(a, b):\n    return a + b\n'),
    ],
  });
  const ran = eventsOf(journal, 'exec.finished').find(({ reason }) => reason === flood.reason);
  expect(ran?.['remedy']).toMatch(/^Look for /);
  const judged = eventsOf(journal, 'oracle.finished').find(({ reason }) => reason === flood.reason);
  expect(judged).toMatchObject({ status: 'fail', remedy: ran?.['remedy'] });
  expect(JSON.stringify(provider.requests)).toContain(flood.reason);
  expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
});
