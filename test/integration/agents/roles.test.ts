import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReplay } from '../../../lib/llm/adapters/replay.ts';
import type { Rows } from '../../support/memoryJournal.ts';
import { file } from '../../support/modelAnswer.ts';
import { eventsOf, openSolveBench, type SolveBench } from '../../support/solveBench.ts';
import { BETTER, BROKEN, CALC, NEW_TEST, RIGHT, review, SCENE } from './subtractScene.ts';

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
