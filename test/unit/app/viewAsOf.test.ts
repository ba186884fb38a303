import { expect, test } from 'vitest';
import { viewAsOf } from '../../../lib/app/viewAsOf.ts';
import type { TaskEvent } from '../../../lib/task/event.ts';
import { TaskPayload } from '../../../lib/task/payload.ts';
import { linksOf, NO_USAGE, type TaskView } from '../../../lib/task/view.ts';

const TASK_ID = '01938f2e-6f00-7000-8000-000000000001';
const FAILURE = { code: 'budget_exhausted' as const, message: 'the time is over' };
const VERDICT = { name: 'verified' as const, summary: 'proved' };

function at(second: number): string {
  return new Date(second * 1_000).toISOString();
}

const ENDED: TaskView = {
  task_id: TASK_ID,
  status: 'succeeded',
  verdict: VERDICT,
  failure: null,
  attempt: 2,
  last_seq: 9,
  queue_position: null,
  waiting: null,
  trace_id: null,
  payload: TaskPayload.parse({
    type: 'CODE',
    input: { language: 'python', repo: { path: './workspace' }, goal: 'add' },
  }),
  result: {
    proof: null,
    model: null,
    usage: NO_USAGE,
    files: [],
    apply: { state: 'not_applied', why: 'asked', paths: [] },
  },
  patch_request: null,
  steps: [
    { key: 'code.1', attempt: 1, ms: 5, tokens: 1, finished_at: at(30) },
    { key: 'code.2', attempt: 2, ms: 5, tokens: 1, finished_at: at(80) },
  ],
  submitted_at: at(10),
  started_at: at(20),
  finished_at: at(90),
  links: linksOf(TASK_ID),
};

function event(seq: number, second: number, data: Pick<TaskEvent, 'type' | 'data'>): TaskEvent {
  return { ...data, task_id: TASK_ID, seq, at: second * 1_000 } as TaskEvent;
}

test('at the end of the log the task is as it is', () => {
  expect(viewAsOf(ENDED, { seq: 9, status: 'succeeded', attempt: 2, event: undefined })).toBe(
    ENDED,
  );
});

test('before the first event nothing has happened yet', () => {
  expect(viewAsOf(ENDED, { seq: 0, status: 'queued', attempt: 0, event: undefined })).toMatchObject(
    {
      status: 'queued',
      last_seq: 0,
      verdict: null,
      result: null,
      steps: [],
      started_at: null,
      finished_at: null,
    },
  );
});

test('in the middle only the steps that had ended are shown', () => {
  const finished = event(5, 30, {
    type: 'step.finished',
    data: { step: 'code.1', outcome: 'done', ms: 5, tokens: 1 },
  });
  const view = viewAsOf(ENDED, { seq: 5, status: 'running', attempt: 1, event: finished });
  expect(view).toMatchObject({
    status: 'running',
    attempt: 1,
    started_at: at(20),
    finished_at: null,
  });
  expect(view.steps.map(({ key }) => key)).toEqual(['code.1']);
});

test('right after an end that a resume undid the task shows that end', () => {
  const end = event(6, 40, {
    type: 'task.finished',
    data: { status: 'failed', verdict: null, failure: FAILURE },
  });
  expect(viewAsOf(ENDED, { seq: 6, status: 'failed', attempt: 1, event: end })).toMatchObject({
    status: 'failed',
    failure: FAILURE,
    verdict: null,
  });
});
