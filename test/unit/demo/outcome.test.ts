import { describe, expect, it } from 'vitest';
import { TaskPayload } from '../../../lib/task/payload.ts';
import type { TaskStatus } from '../../../lib/task/state.ts';
import type { Verdict } from '../../../lib/task/verdict.ts';
import { linksOf, type TaskView } from '../../../lib/task/view.ts';
import { disappointment } from '../../../scripts/demo/outcome.ts';

function ended(
  language: 'java' | 'python',
  verdict: Omit<Verdict, 'summary'> | null,
  status: TaskStatus = 'succeeded',
): TaskView {
  return {
    task_id: 't',
    status,
    verdict: verdict === null ? null : { ...verdict, summary: '' },
    failure: null,
    attempt: 1,
    last_seq: 1,
    queue_position: null,
    waiting: null,
    trace_id: null,
    payload: TaskPayload.parse({
      type: 'CODE',
      input: { language, repo: { path: './workspace' }, goal: 'x' },
    }),
    result: null,
    patch_request: null,
    steps: [],
    submitted_at: '2026-01-01T00:00:00.000Z',
    started_at: null,
    finished_at: null,
    links: linksOf('t'),
  };
}

describe('the demo is content with', () => {
  it.each([
    ['a small example that is verified', ended('python', { name: 'verified' })],
    ['a Java skeleton that is partially verified', ended('java', { name: 'partially_verified' })],
    [
      'a Java skeleton that could not be judged without JDK 21',
      ended('java', { name: 'unverified', reason: 'non_negotiable_unsatisfied' }),
    ],
  ])('%s', (_what, task) => {
    expect(disappointment(task)).toBeUndefined();
  });
});

describe('the demo fails over', () => {
  it.each([
    [
      'a small example that is only partially verified',
      ended('python', { name: 'partially_verified' }),
    ],
    ['a Java skeleton that is refuted', ended('java', { name: 'refuted' })],
    [
      'a Java skeleton that nobody ran although everything was there',
      ended('java', { name: 'unverified', reason: 'sandbox_unavailable' }),
    ],
    ['a task that failed', ended('java', null, 'failed')],
    ['a task that was cancelled', ended('python', null, 'cancelled')],
  ])('%s', (_what, task) => {
    expect(disappointment(task)).toMatch(/^expected: /);
  });
});
