import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Generation, ModelProvider } from '../../../lib/llm/llm.ts';
import { file } from '../../support/modelAnswer.ts';
import { eventsOf, openSolveBench, type Scene, type SolveBench } from '../../support/solveBench.ts';

const CALC = 'def add(a, b):\n    return a + b\n';
const RIGHT = `${CALC}\n\ndef subtract(a, b):\n    return a - b\n`;
const SCENE: Scene = {
  language: 'python',
  tree: {
    'calc.py': CALC,
    'test_calc.py':
      'import unittest\nimport calc\n\nclass Calc(unittest.TestCase):\n    def test_subtracts(self):\n        self.assertEqual(calc.subtract(3, 1), 2)\n',
  },
  expected: ['calc.py'],
};

let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

/** A model that says the first thing first, and the last for ever; each with how it ended. */
function modelThatEnds(...said: [text: string, finish: Generation['finish']][]) {
  const asked: string[] = [];
  const provider: ModelProvider = {
    name: 'scripted',
    llm: true,
    goalAddressed: true,
    generate: async ({ messages, onText }) => {
      const [text, finish] = said[Math.min(asked.length, said.length - 1)] ?? ['', 'stop'];
      asked.push(messages.at(-1)?.content ?? '');
      onText(text);
      const generatedTokens = Math.ceil(text.length / 4);
      return { text, finish, promptTokens: 100, generatedTokens, estimated: false };
    },
  };
  return { provider, asked };
}

describe('a model that never gives what is asked for fails the task with the reason, after three questions', () => {
  test.each([
    ['nothing', '', 'no file was found in the answer'],
    ['blank lines', '\n\n  \n', 'no file was found in the answer'],
    ['prose', 'I would subtract b from a.', 'no file was found in the answer'],
    ['a question', 'Which version of Python do you use?', 'no file was found in the answer'],
    ['an empty file', file('calc.py', ''), 'calc.py: the file is empty'],
    [
      'an abbreviation',
      file('calc.py', `${CALC}# ... rest unchanged\n`),
      'calc.py: part of the file',
    ],
    ['the base tree once more', file('calc.py', CALC), 'it changes nothing'],
  ])('%s', async (_name, answer, why) => {
    const { solved, provider, read } = await bench.solve({ ...SCENE, answers: [answer] });
    expect(solved).toMatchObject({
      kind: 'failed',
      failure: { code: 'no_usable_answer', message: expect.stringContaining(why) },
      patch: null,
    });
    expect(provider.requests).toHaveLength(3);
    expect(read('calc.py')).toBe(CALC);
  });

  test('only paths that lead out of the tree, each of which is put on record', async () => {
    const { solved, journal, provider } = await bench.solve({
      ...SCENE,
      answers: [file('../calc.py', RIGHT) + file('/etc/cron.d/calc', 'x\n')],
    });
    expect(solved).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining('../calc.py: this path leads out') },
    });
    expect(eventsOf(journal, 'write.denied')).toHaveLength(2 * provider.requests.length);
  });
});

describe('half a file', () => {
  const half = `### FILE: calc.py\n\`\`\`python\n${RIGHT.slice(0, 40)}`;

  test('is never written, and asked for again', async () => {
    const { provider, asked } = modelThatEnds([half, 'length'], [file('calc.py', RIGHT), 'stop']);
    const { solved } = await bench.solve({ ...SCENE, provider });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    expect(asked[1]).toContain('- calc.py: the file was cut off');
  });

  test('for ever fails the task', async () => {
    const { provider, asked } = modelThatEnds([half, 'disconnected']);
    const { solved, read } = await bench.solve({ ...SCENE, provider });
    expect(solved).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining('calc.py: the file was cut off') },
    });
    expect(asked).toHaveLength(3);
    expect(read('calc.py')).toBe(CALC);
  });
});

test('an answer of 100,000 tokens that says nothing uses up the budget and is told as that', async () => {
  const { provider, asked } = modelThatEnds(['word '.repeat(80_000), 'length']);
  const { solved, journal } = await bench.solve({ ...SCENE, provider });
  expect(solved).toMatchObject({
    kind: 'failed',
    failure: { code: 'budget_exhausted' },
    usage: { model_calls: 1, generated_tokens: 100_000 },
  });
  expect(asked).toHaveLength(1);
  const pieces = eventsOf(journal, 'log.appended').map(({ text }) => String(text).length);
  expect(pieces.reduce((sum, length) => sum + length, 0)).toBe(400_000);
});

test('a server that goes on far beyond the tokens that it was given is stopped', async () => {
  let said = 0;
  const provider: ModelProvider = {
    name: 'scripted',
    llm: true,
    goalAddressed: true,
    generate: async ({ onText, signal, maxTokens }) => {
      expect(maxTokens).toBe(500);
      for (;;) {
        await nextTurn();
        signal.throwIfAborted();
        onText('word '.repeat(100));
        said += 500;
      }
    },
  };
  const { solved } = await bench.solve({ ...SCENE, provider, constraints: { max_tokens: 500 } });
  expect(solved).toMatchObject({ kind: 'failed', failure: { code: 'budget_exhausted' } });
  expect(said).toBeLessThan(14_000);
});

test('an answer of 100,000 tokens is asked for again without filling the context with itself', async () => {
  const { provider, asked } = modelThatEnds(
    ['word '.repeat(80_000), 'stop'],
    [file('calc.py', RIGHT), 'stop'],
  );
  const constraints = { max_tokens: 200_000 };
  const { solved } = await bench.solve({ ...SCENE, provider, constraints });
  expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
  expect(asked).toHaveLength(2);
});

test('a file of another language is no solution, whatever it says', async () => {
  const java = 'class Calc {\n  static int subtract(int a, int b) { return a - b; }\n}\n';
  const { solved, provider, read } = await bench.solve({
    ...SCENE,
    answers: [file('Calc.java', java)],
  });
  expect(solved).toMatchObject({
    kind: 'ended',
    verdict: { name: 'refuted' },
    files: [{ path: 'Calc.java' }],
  });
  expect(provider.requests).toHaveLength(2);
  expect(read('calc.py')).toBe(CALC);
});

test('a model that is wrong in a new way each time is asked for two repairs', async () => {
  const wrong = ['b - a', 'a * b', 'a // b', 'b + a'].map((words) =>
    file('calc.py', RIGHT.replace('a - b', words)),
  );
  const { solved, provider } = await bench.solve({ ...SCENE, answers: wrong });
  expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'refuted' } });
  expect(provider.requests).toHaveLength(3);
});

describe('a file that is no UTF-8 text', () => {
  const latin = Buffer.from('# caf\xe9\ndef add(a, b):\n    return a + b\n', 'latin1');
  const passage = '<<<<<<< SEARCH\n    return a + b\n=======\n    return b + a\n>>>>>>> REPLACE\n';

  test.each([
    ['as a whole', file('calc.py', RIGHT), 'calc.py: this file is there already and is no UTF-8'],
    ['by a passage', file('calc.py', passage), 'calc.py: the lines of SEARCH are not in the file'],
  ])(
    'is never written over %s, since its other lines would not survive it',
    async (_name, answer, why) => {
      const { solved, readBytes } = await bench.solve({
        ...SCENE,
        tree: { ...SCENE.tree, 'calc.py': latin },
        answers: [answer],
      });
      expect(solved).toMatchObject({
        kind: 'failed',
        failure: { code: 'no_usable_answer', message: expect.stringContaining(why) },
      });
      expect(readBytes('calc.py').equals(latin)).toBe(true);
    },
  );
});

describe('a repository whose build was broken before', () => {
  const broken = 'def multiply(a, b)\n    return a * b\n';

  test('is verified when the answer mends it', async () => {
    const { solved, provider } = await bench.solve({
      ...SCENE,
      tree: { ...SCENE.tree, 'calc.py': broken },
      answers: [file('calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    expect(provider.requests).toHaveLength(1);
  });

  test('has what breaks it told to the model, although its answer did not touch it', async () => {
    const { solved, provider, read } = await bench.solve({
      ...SCENE,
      tree: { ...SCENE.tree, 'other.py': broken },
      answers: [file('calc.py', RIGHT), file('other.py', broken.replace(')\n', '):\n'))],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    expect(provider.requests[1]?.messages.at(-1)?.content).toContain('In other.py:\n- line 1');
    expect(read('calc.py')).toBe(RIGHT);
  });
});
