import { afterAll, beforeAll, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { modelCard } from '../../support/modelCard.ts';
import { eventsOf, openSolveBench, type Scene, type SolveBench } from '../../support/solveBench.ts';

const CALC = 'def add(a, b):\n    return a + b\n';
const RIGHT = `${CALC}\n\ndef subtract(a, b):\n    return a - b\n`;
const LONG = `${CALC}${'# a line of its own\n'.repeat(200)}`;
const SCENE: Scene = {
  language: 'python',
  tree: {
    'calc.py': CALC,
    'test_calc.py':
      'import unittest\nimport calc\n\nclass Calc(unittest.TestCase):\n    def test_subtracts(self):\n        self.assertEqual(calc.subtract(3, 1), 2)\n',
  },
  expected: ['calc.py'],
  model: modelCard({ parameters_billion: 7 }),
};

let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

const lastWords = (request: { messages: readonly { content: string }[] } | undefined) =>
  request?.messages.at(-1)?.content ?? '';

test('a small model writes one file a call, and sees what it has written', async () => {
  const { solved, provider } = await bench.solve({
    ...SCENE,
    expected: ['calc.py', 'extra.py'],
    answers: [file('calc.py', RIGHT), file('extra.py', 'x = 1\n')],
  });
  expect(solved).toMatchObject({
    kind: 'ended',
    verdict: { name: 'verified' },
    files: [{ path: 'calc.py' }, { path: 'extra.py' }],
  });
  const [first, second] = provider.requests.map(lastWords);
  expect(first).toMatch(/Write this one file now, and no other: calc\.py$/);
  expect(second).toMatch(/no other: extra\.py$/);
  expect(second).toContain('def subtract');
});

test('a small model writes a short file whole, and a long one by its passages', async () => {
  const short = await bench.solve({ ...SCENE, answers: [file('calc.py', RIGHT)] });
  expect(lastWords(short.provider.requests[0])).not.toContain('SEARCH');
  const passage =
    '<<<<<<< SEARCH\n    return a + b\n=======\n    return a + b\n\n\ndef subtract(a, b):\n    return a - b\n>>>>>>> REPLACE\n';
  const { solved, provider, read } = await bench.solve({
    ...SCENE,
    tree: { ...SCENE.tree, 'calc.py': LONG },
    answers: [file('calc.py', passage)],
  });
  expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
  expect(lastWords(provider.requests[0])).toContain('Do not write calc.py as a whole.');
  expect(read('calc.py')).toBe(`${RIGHT}${'# a line of its own\n'.repeat(200)}`);
});

test('a long file that a small model writes anew is refused, told why, and kept', async () => {
  const { solved, provider, read, journal } = await bench.solve({
    ...SCENE,
    tree: { ...SCENE.tree, 'calc.py': LONG },
    answers: [file('calc.py', RIGHT)],
  });
  expect(solved).toMatchObject({
    kind: 'failed',
    failure: {
      code: 'no_usable_answer',
      message: expect.stringContaining('calc.py: this file is too long to be written anew'),
    },
  });
  expect(provider.requests).toHaveLength(3);
  expect(lastWords(provider.requests[1])).toContain(
    'change it by SEARCH/REPLACE (it has 202 lines, the answer 6)',
  );
  expect(read('calc.py')).toBe(LONG);
  expect(eventsOf(journal, 'edit.applied')[0]).toMatchObject({
    files: [],
    problems: [{ code: 'too_long', path: 'calc.py' }],
  });
});

test('a small model sees the file that it is to write, though another one has taken the room', async () => {
  const large = (name: string) => `${name} = 1\n${'# filler of some length\n'.repeat(60)}`;
  const { solved, provider } = await bench.solve({
    ...SCENE,
    model: modelCard({ parameters_billion: 7, context_tokens: 4_096 }),
    constraints: { max_tokens: 1_000 },
    tree: { ...SCENE.tree, 'one.py': large('one'), 'two.py': large('two') },
    expected: ['one.py', 'two.py', 'calc.py'],
    answers: [
      file('one.py', large('one').replace('1', '2')),
      file('two.py', large('two').replace('1', '2')),
      file('calc.py', RIGHT),
    ],
  });
  expect(solved).toMatchObject({ kind: 'ended' });
  const [, second] = provider.requests.map(lastWords);
  expect(second).toContain('### FILE: two.py');
  expect(second).not.toContain('### FILE: one.py\n```\none = 1');
});

test('a small model is asked for one file in a repair too', async () => {
  const wrong = RIGHT.replace('a - b', 'b - a');
  const { solved, provider, journal } = await bench.solve({
    ...SCENE,
    answers: [file('calc.py', wrong), file('calc.py', RIGHT)],
  });
  expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
  expect(lastWords(provider.requests[1])).toMatch(/Change one file only/);
  expect(eventsOf(journal, 'prompt.built')[1]).toMatchObject({
    prompts: ['coder/2', 'repair/2', 'one/1'],
  });
});
