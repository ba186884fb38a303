import { expect, test } from 'vitest';
import { talliesOf } from '../../../lib/store/tallies.ts';
import type { NewEvent } from '../../../lib/task/event.ts';

const finished = (
  step: string,
  outcome: 'done' | 'failed' | 'replayed',
  tokens: number,
): NewEvent => ({
  type: 'step.finished',
  data: { step, outcome, ms: 10, tokens },
});

test('events of one metric and one pair of labels are counted together', () => {
  expect(talliesOf([finished('code.1', 'done', 5), finished('code.2', 'done', 7)])).toEqual([
    { metric: 'step', subject: 'code', outcome: 'done', count: 2, total: 20 },
    { metric: 'tokens', subject: 'code', outcome: '', count: 12, total: 0 },
  ]);
});

test('a replayed step counts as replayed, and its tokens not again', () => {
  expect(talliesOf([finished('code.1', 'replayed', 5)])).toEqual([
    { metric: 'step', subject: 'code', outcome: 'replayed', count: 1, total: 10 },
  ]);
});

test('a NUL in the name of a model does not reach the database', () => {
  const routed: NewEvent = {
    type: 'model.routed',
    data: { model: 'a\0b', provider: 'p', llm: true, why: 'w', refused: [] },
  };
  expect(talliesOf([routed])).toMatchObject([{ subject: 'ab' }]);
});

test('what is no metric counts nothing', () => {
  expect(talliesOf([])).toEqual([]);
  expect(talliesOf([{ type: 'patch.applied', data: { paths: ['a'] } }])).toEqual([]);
});
