import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rows } from '../../support/memoryJournal.ts';
import { file } from '../../support/modelAnswer.ts';
import { modelCard } from '../../support/modelCard.ts';
import { eventsOf, openSolveBench, type Scene, type SolveBench } from '../../support/solveBench.ts';

const NAMES = Array.from({ length: 600 }, (_, at) => `value_${at}`);
/** 1,207 lines, in the middle of which something is wrong. */
const LARGE = [
  'def subtract(a, b):',
  '    return b - a',
  '',
  '',
  ...NAMES.flatMap((name, at) => [`def ${name}():`, `    return ${at}`]),
  'LAST = 1',
  '',
].join('\n');
const MENDED = LARGE.replace('return b - a', 'return a - b');
const TEST =
  'import unittest\nimport large\n\nclass Large(unittest.TestCase):\n    def test_subtracts(self):\n        self.assertEqual(large.subtract(3, 1), 2)\n    def test_others(self):\n        self.assertEqual(large.value_7(), 7)\n';
const SCENE: Scene = {
  language: 'python',
  tree: { 'large.py': LARGE, 'test_large.py': TEST },
  expected: ['large.py'],
};

function edit(search: string, replace: string, path = 'large.py'): string {
  return file(path, `<<<<<<< SEARCH\n${search}\n=======\n${replace}\n>>>>>>> REPLACE\n`);
}

const RIGHT = edit(
  'def subtract(a, b):\n    return b - a',
  'def subtract(a, b):\n    return a - b',
);

let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

describe('a large file', () => {
  test('is asked for by its passages, and no line beside them is touched', async () => {
    const { solved, provider, read, journal } = await bench.solve({ ...SCENE, answers: [RIGHT] });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    expect(read('large.py')).toBe(MENDED);
    const asked = provider.requests[0]?.messages.at(-1)?.content ?? '';
    expect(asked).toContain('Do not write large.py as a whole.');
    expect(asked).toMatch(/<<<<<<< SEARCH[\s\S]*=======[\s\S]*>>>>>>> REPLACE/);
    expect(eventsOf(journal, 'prompt.built')).toMatchObject([
      { step: 'code.1', prompts: ['coder/2', 'edits/1'] },
    ]);
  });

  test('on a missed match is asked for once more with the nearest lines, and others are kept', async () => {
    const missed = edit(
      'def subtract(x, y):\n    return y - x',
      'def subtract(x, y):\n    return 1',
    );
    const rows: Rows = new Map();
    const { solved, provider, read } = await bench.solve({
      ...SCENE,
      expected: ['large.py', 'other.py'],
      answers: [missed + file('other.py', 'x = 1\n'), RIGHT],
      rows,
    });
    expect(rows.get('code.1')).toContain('1 file changed; large.py: the lines of SEARCH are not');
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    const again = provider.requests[1]?.messages.at(-1)?.content ?? '';
    expect(again).toContain('large.py: the lines of SEARCH are not in the file');
    expect(again).toContain('closest lines 1-2:\ndef subtract(a, b):\n    return b - a');
    expect(again).not.toContain('other.py');
    expect(read('other.py')).toBe('x = 1\n');
    expect(read('large.py')).toBe(MENDED);
  });

  test('is repaired from what was replaced, and not from a copy of the whole', async () => {
    const wrong = edit(
      'def subtract(a, b):\n    return b - a',
      'def subtract(a, b):\n    return a + b',
    );
    const right = edit('    return a + b', '    return a - b');
    const { solved, provider, read } = await bench.solve({ ...SCENE, answers: [wrong, right] });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    expect(read('large.py')).toBe(MENDED);
    const said = provider.requests[1]?.messages.find(({ role }) => role === 'assistant')?.content;
    expect(said).toContain('-------'.replaceAll('-', '<'));
    expect(said).toContain('    return b - a\n');
    expect(said).toContain('    return a + b\n');
    expect(said?.length).toBeLessThan(400);
  });

  test('that a model writes anew in full is taken, since nothing of it is lost', async () => {
    const { solved, read } = await bench.solve({ ...SCENE, answers: [file('large.py', MENDED)] });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    expect(read('large.py')).toBe(MENDED);
  });

  test('that comes back cut down is refused: what is missing was hardly meant to go', async () => {
    const { solved, read } = await bench.solve({
      ...SCENE,
      answers: [file('large.py', 'def subtract(a, b):\n    return a - b\n')],
    });
    expect(solved).toMatchObject({ kind: 'failed', failure: { code: 'no_usable_answer' } });
    expect(read('large.py')).toBe(LARGE);
  });

  test('with Windows line ends and no end of the last line keeps both', async () => {
    const windows = LARGE.replaceAll('\n', '\r\n').trimEnd();
    const { solved, read } = await bench.solve({
      ...SCENE,
      tree: { 'large.py': windows, 'test_large.py': TEST },
      answers: [RIGHT],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    expect(read('large.py')).toBe(windows.replace('return b - a', 'return a - b'));
  });
});

test('a model flagged for SEARCH/REPLACE changes every file that is there by it, and writes new ones whole', async () => {
  const { solved, provider, read } = await bench.solve({
    ...SCENE,
    tree: { 'large.py': 'def subtract(a, b):\n    return b - a\n', 'test_large.py': TEST },
    expected: ['large.py', 'new.py'],
    model: modelCard({ edit_format: 'search_replace' }),
    answers: [
      edit('    return b - a', '    return a - b\n\n\ndef value_7():\n    return 7') +
        file('new.py', 'x = 1\n'),
    ],
  });
  expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
  expect(provider.requests[0]?.messages.at(-1)?.content).toContain(
    'Do not write any of the files above as a whole.',
  );
  expect(read('large.py')).toContain('return a - b\n\n\ndef value_7()');
});

describe('a file that the model was not shown', () => {
  /** The rest of the context is taken up by what comes first. */
  const filler = Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [
      `aaa/file_${at}.py`,
      `# Mend subtract.\nx = ${'1 + '.repeat(1_500)}1\n`,
    ]),
  );
  const helper = '# Kept for others.\nRATE = 3\n';
  const scene: Scene = {
    ...SCENE,
    tree: {
      ...filler,
      'calc.py': 'import zzz.helper\n\n\ndef subtract(a, b):\n    return b - a\n',
      'test_calc.py':
        'import unittest\nimport calc\n\nclass Calc(unittest.TestCase):\n    def test_subtracts(self):\n        self.assertEqual(calc.subtract(3, 1), 2)\n',
      'zzz/__init__.py': '',
      'zzz/helper.py': helper + '# filler\n'.repeat(2_000),
    },
    expected: ['calc.py'],
    goal: 'Mend subtract.',
    model: modelCard({ context_tokens: 20_000 }),
    constraints: { max_tokens: 4_000 },
  };
  const calc = file('calc.py', 'def subtract(a, b):\n    return a - b\n');

  test('is not overwritten, but shown and asked for again', async () => {
    const { solved, provider, read } = await bench.solve({
      ...scene,
      answers: [
        calc + file('zzz/helper.py', 'RATE = 4\n'),
        edit('RATE = 3', 'RATE = 4', 'zzz/helper.py'),
      ],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    const again = provider.requests[1]?.messages.at(-1)?.content ?? '';
    expect(again).toContain('zzz/helper.py: this file is there already and you had not seen it');
    expect(again).toContain('# Kept for others.');
    expect(read('zzz/helper.py')).toMatch(/^# Kept for others\.\nRATE = 4\n# filler\n/);
  });

  test('that does not fit is left as it is, without another question', async () => {
    const { solved, provider, read, journal } = await bench.solve({
      ...scene,
      tree: { ...scene.tree, 'zzz/helper.py': helper + '# filler\n'.repeat(20_000) },
      answers: [calc + file('zzz/helper.py', 'RATE = 4\n')],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    expect(provider.requests).toHaveLength(1);
    expect(read('zzz/helper.py')).toMatch(/^# Kept for others\.\nRATE = 3\n/);
    expect(eventsOf(journal, 'edit.applied')).toMatchObject([
      { problems: [{ code: 'unseen_file', path: 'zzz/helper.py' }] },
    ]);
  });

  test('and that is all there is to do fails the task and says why', async () => {
    const { solved, provider } = await bench.solve({
      ...scene,
      expected: ['zzz/helper.py'],
      tree: { ...scene.tree, 'zzz/helper.py': helper + '# filler\n'.repeat(20_000) },
      answers: [calc],
    });
    expect(solved).toMatchObject({
      kind: 'failed',
      failure: {
        code: 'no_usable_answer',
        message: expect.stringMatching(/^zzz\/helper\.py: too large .* \(20000 tokens\)/),
        remedy: expect.stringContaining('larger context'),
      },
    });
    expect(provider.requests).toEqual([]);
  });
});
