import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { eventsOf, openSolveBench } from '../../support/solveBench.ts';

const ESCAPING = `try:
    open('/etc/passwd', 'a')
except OSError:
    pass

def add(a, b):
    return a + b
`;
const TEST =
  'import unittest\nimport calc\n\nclass Calc(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(calc.add(3, 1), 4)\n';

test('what the code of a model tries to write outside is told with the program that tried', async (context) => {
  if (!existsSync('/usr/bin/cc')) context.skip('denied writes are not audited here: install gcc');
  const bench = await openSolveBench();
  const { journal, solved } = await bench.solve({
    language: 'python',
    tree: { 'calc.py': 'pass\n', 'test_calc.py': TEST },
    expected: ['calc.py'],
    answers: [file('calc.py', ESCAPING)],
  });
  bench.close();
  const told = eventsOf(journal, 'write.denied');
  expect(solved).toMatchObject({ kind: 'ended' });
  expect(told).toContainEqual(
    expect.objectContaining({
      comm: expect.stringContaining('python'),
      syscall: 'openat',
      path: '/etc/passwd',
      target: '/etc/passwd',
      step: expect.stringMatching(/^(compile|smoke|target|tests)/),
    }),
  );
});
