import { expect, it } from 'vitest';
import type { NewEvent } from '../../../lib/task/event.ts';
import { eventLines } from '../../../scripts/agentctl/render/eventLines.ts';
import { PLAIN } from '../../../scripts/agentctl/render/palette.ts';

const render = (made: NewEvent): string[] =>
  eventLines({ ...made, task_id: 't', seq: 1, at: 0 }, PLAIN);

it('the check of the non-negotiables is named in words', () => {
  const failed = { step: 'non_negotiables.1', outcome: 'failed' as const, ms: 1, tokens: 0 };
  const run = { tool: '', argv: [], exit: null, ms: 0, tests: null, suite_ran: false };
  const judged = { ...run, diagnostics: [], tree_hash: '', reason: 'jdk 21' };
  expect([
    ...render({ type: 'step.finished', data: { ...failed, detail: 'jdk 21: found none' } }),
    ...render({
      type: 'oracle.finished',
      data: { step: 'non_negotiables.1', phase: 'non_negotiables', status: 'not_run', ...judged },
    }),
  ]).toEqual([
    'failed      non-negotiables.1 · 1 ms · jdk 21: found none',
    'oracle      non-negotiables did not run · jdk 21',
  ]);
});

it('an answer that names no file is told so', () => {
  const data = { step: 'code.1', files: [], problems: [{ code: 'no_blocks' }] };
  expect(render({ type: 'edit.applied', data })).toEqual(['unusable    the answer: names no file']);
});
