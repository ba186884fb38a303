import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReplay } from '../../../lib/llm/adapters/replay.ts';
import type { Rows } from '../../support/memoryJournal.ts';
import { file } from '../../support/modelAnswer.ts';
import { modelCard } from '../../support/modelCard.ts';
import { eventsOf, openSolveBench, type SolveBench } from '../../support/solveBench.ts';

const CALC = 'def add(a, b):\n    return a + b\n';
const RIGHT = `${CALC}\n\ndef subtract(a, b):\n    return a - b\n`;
const BETTER = `${CALC}\n\ndef subtract(a, b):\n    """Return a less b."""\n    return a - b\n`;
const BROKEN = 'def add(a, b):\n    return a + b\n\n\ndef subtract(a, b)\n';
const BASE_TEST =
  'import unittest\nimport calc\n\nclass Calc(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(calc.add(3, 1), 4)\n';
const NEW_TEST =
  'import unittest\nimport calc\n\nclass Subtract(unittest.TestCase):\n    def test_subtracts(self):\n        self.assertEqual(calc.subtract(3, 1), 2)\n';
const EMPTY_TEST =
  'import unittest\n\nclass Nothing(unittest.TestCase):\n    def test_nothing(self):\n        self.assertTrue(True)\n';
/** Its tests speak for what was there, not for the goal. */
const SCENE = {
  language: 'python' as const,
  tree: { 'calc.py': CALC, 'test_calc.py': BASE_TEST },
  expected: ['calc.py'],
  goal: 'Add subtract(a, b) to calc.py.',
};

function review(verdict: 'approve' | 'revise' | 'reject', message?: string): string {
  const issues =
    message === undefined ? [] : [{ path: 'calc.py', line: 6, severity: 'medium', message }];
  const scores = { goal: 3, correctness: 3, style: 1, safety: 4 };
  return `Here it is:\n\`\`\`json\n${JSON.stringify({ verdict, scores, issues })}\n\`\`\``;
}

const PLAN = {
  summary: 'Put subtract beside add.',
  kind: 'feature',
  files: [{ path: 'deep/calc.py', why: 'add lives there', action: 'edit' }],
  steps: [{ id: '1', title: 'write it', acceptance: '3 - 1 is 2' }],
};

let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

describe('the reviewer', () => {
  test('sees task, diff and oracle and not the chat, and an approval ends the work', async () => {
    const answers = [file('calc.py', RIGHT), review('approve')];
    const { solved, provider, journal } = await bench.solve({ ...SCENE, answers });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'partially_verified' } });
    expect(provider.requests).toHaveLength(2);
    const asked = provider.requests[1]?.messages ?? [];
    expect(asked.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(asked[1]?.content).toContain('+def subtract(a, b):');
    expect(asked[1]?.content).toContain('- smoke: pass, 1 of 1 tests passed');
    expect(asked[1]?.content).not.toContain('# Repository');
    expect(eventsOf(journal, 'review.finished')).toMatchObject([
      { step: 'review', verdict: 'approve' },
    ]);
  });

  test('gets one revision, which is judged like everything else', async () => {
    const { solved, provider, journal, read } = await bench.solve({
      ...SCENE,
      answers: [file('calc.py', RIGHT), review('revise', 'no docstring'), file('calc.py', BETTER)],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'partially_verified' } });
    expect(read('calc.py')).toBe(BETTER);
    expect(provider.requests).toHaveLength(3);
    expect(provider.requests[2]?.messages.at(-1)?.content).toContain('calc.py:6 (medium): no doc');
    expect(journal.ran.slice(-3)).toEqual(['revise.1', 'compile.revise', 'smoke.revise']);
  });

  test('cannot make the result worse: a revision that breaks it is taken back', async () => {
    const { solved, read, journal } = await bench.solve({
      ...SCENE,
      answers: [file('calc.py', RIGHT), review('reject', 'all wrong'), file('calc.py', BROKEN)],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'partially_verified' } });
    expect(read('calc.py')).toBe(RIGHT);
    expect(journal.ran.at(-1)).toBe('revise.rejected');
    expect(solved.kind === 'ended' && solved.proof.tree_hash).toBe(solved.patch?.tree_hash);
  });

  test('that answers in no form is asked once more with what was wrong, then left out', async () => {
    const answers = [file('calc.py', RIGHT), '{"verdict": "splendid"}', 'It is fine.'];
    const { solved, provider, journal } = await bench.solve({ ...SCENE, answers });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'partially_verified' } });
    expect(provider.requests).toHaveLength(3);
    expect(provider.requests[2]?.messages.at(-1)?.content).toMatch(/- verdict: .*approve/);
    expect(eventsOf(journal, 'review.finished')).toEqual([]);
  });

  test('is not asked where the tests of the repository prove the result', async () => {
    const { solved, provider } = await bench.solve({
      ...SCENE,
      tree: { 'calc.py': CALC, 'test_calc.py': NEW_TEST },
      answers: [file('calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({ verdict: { name: 'verified' } });
    expect(provider.requests).toHaveLength(1);
  });
});

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

  test.each([
    ['pass before the change too', EMPTY_TEST],
    ['do not pass', NEW_TEST.replace('2)', '5)')],
  ])('has tests rejected that %s', async (_name, content) => {
    const { solved, journal } = await bench.solve({
      ...SCENE,
      goal,
      answers: [file('calc.py', RIGHT), file('test_subtract.py', content), review('approve')],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'partially_verified' },
      proof: { tests: 'none' },
      files: [{ path: 'calc.py' }],
    });
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

describe('the planner', () => {
  const padding = Array.from({ length: 40 }, (_, at) => [
    `other/file_${at}.py`,
    `x = ${'1 + '.repeat(1_000)}1\n`,
  ]);
  const large = {
    language: 'python' as const,
    goal: 'Add subtract(a, b).',
    tree: {
      ...Object.fromEntries(padding),
      'deep/calc.py': CALC,
      'deep/test_calc.py': NEW_TEST,
    },
  };

  test('is asked once where the model cannot see everything, and the coder gets plan and files', async () => {
    const answers = [`\`\`\`json\n${JSON.stringify(PLAN)}\n\`\`\``, file('deep/calc.py', RIGHT)];
    const { solved, provider, journal } = await bench.solve({ ...large, answers });
    expect(solved).toMatchObject({ kind: 'ended', files: [{ path: 'deep/calc.py' }] });
    expect(eventsOf(journal, 'plan.written')).toMatchObject([{ step: 'plan', kind: 'feature' }]);
    const asked = provider.requests[1]?.messages[1]?.content ?? '';
    expect(asked).toContain('# Plan\n\nPut subtract beside add.');
    expect(asked).toContain('### FILE: deep/calc.py');
  });

  test('is not asked where a few named files are wanted, or all can be seen', async () => {
    const named = await bench.solve({
      ...large,
      expected: ['deep/calc.py'],
      answers: [file('deep/calc.py', RIGHT)],
    });
    expect(named.journal.ran).not.toContain('plan');
    const { journal } = await bench.solve({
      ...SCENE,
      expected: [],
      answers: [file('calc.py', RIGHT)],
    });
    expect(journal.ran).not.toContain('plan');
  });
});

describe('a recording', () => {
  const recorded = (step: string, text: string) => ({ goal: SCENE.goal, step, text });

  test('is asked as a reviewer only when it holds a review', async () => {
    const silent = createReplay({ answers: [recorded('code.1', file('calc.py', RIGHT))] });
    const { journal } = await bench.solve({ ...SCENE, provider: silent });
    expect(journal.ran).not.toContain('review');
    const speaking = createReplay({
      answers: [recorded('code.1', file('calc.py', RIGHT)), recorded('review', review('approve'))],
    });
    const reviewed = await bench.solve({ ...SCENE, provider: speaking });
    expect(reviewed.journal.ran).toContain('review');
  });
});

test('every role is taken from the journal by a later attempt, without a call', async () => {
  const rows: Rows = new Map();
  const answers = [
    file('calc.py', RIGHT),
    review('revise', 'no docstring'),
    file('calc.py', BETTER),
  ];
  await bench.solve({ ...SCENE, answers, rows });
  const { solved, journal, provider, read } = await bench.solve({ ...SCENE, answers, rows });
  expect(solved).toMatchObject({ kind: 'ended', usage: { model_calls: 3 } });
  expect(journal.ran).toEqual([]);
  expect(provider.requests).toEqual([]);
  expect(read('calc.py')).toBe(BETTER);
});

test('a small model writes one file a call, and sees what it has written', async () => {
  const model = modelCard({ parameters_billion: 7 });
  const { solved, provider } = await bench.solve({
    ...SCENE,
    model,
    expected: ['calc.py', 'extra.py'],
    answers: [file('calc.py', RIGHT), file('extra.py', 'x = 1\n'), review('approve')],
  });
  expect(solved).toMatchObject({
    kind: 'ended',
    files: [{ path: 'calc.py' }, { path: 'extra.py' }],
  });
  const [first, second] = provider.requests.map(({ messages }) => messages.at(-1)?.content ?? '');
  expect(first).toMatch(/Write this one file now, completely, and no other: calc\.py$/);
  expect(second).toMatch(/no other: extra\.py$/);
  expect(second).toContain('def subtract');
});
