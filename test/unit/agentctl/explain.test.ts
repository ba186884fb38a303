import { expect, test } from 'vitest';
import type { NewEvent, TaskEvent } from '../../../lib/task/event.ts';
import { TaskPayload } from '../../../lib/task/payload.ts';
import { linksOf, type TaskView } from '../../../lib/task/view.ts';
import { explainLines } from '../../../scripts/agentctl/explain/explainLines.ts';
import { explain } from '../../../scripts/agentctl/explain/explanation.ts';
import { choosePalette } from '../../../scripts/agentctl/render/palette.ts';

const TASK: TaskView = {
  task_id: 't1',
  status: 'succeeded',
  verdict: { name: 'verified', summary: 'a test that failed passes now' },
  failure: null,
  attempt: 2,
  last_seq: 10,
  queue_position: null,
  waiting: null,
  trace_id: null,
  payload: TaskPayload.parse({
    type: 'CODE',
    input: { language: 'python', repo: { path: 'x' }, goal: 'Add subtract' },
  }),
  result: null,
  patch_request: null,
  steps: [],
  submitted_at: '2026-11-22T09:00:00.000Z',
  started_at: null,
  finished_at: null,
  links: linksOf('t1'),
};

const claimed = (attempt: number): NewEvent => ({
  type: 'task.claimed',
  data: { worker: 'w', attempt, fence: attempt },
});
const started = (step: string, title: string): NewEvent => ({
  type: 'step.started',
  data: { step, title },
});

const EVENTS: NewEvent[] = [
  claimed(1),
  {
    type: 'model.routed',
    data: {
      model: 'coder-7b',
      provider: 'openai-compatible',
      llm: true,
      why: 'the largest that fits',
      refused: [{ model: 'coder-70b', reasons: ['needs 40 GiB, 8 GiB are free'] }],
    },
  },
  started('code.1', 'Write the code'),
  {
    type: 'prompt.built',
    data: { step: 'code.1', files: ['calc.py', 'test_calc.py'], left_out: 3, tokens: 420 },
  },
  {
    type: 'step.finished',
    data: { step: 'code.1', outcome: 'done', ms: 1_500, tokens: 300, detail: '1 file changed' },
  },
  claimed(2),
  { type: 'step.finished', data: { step: 'code.1', outcome: 'replayed', ms: 1_500, tokens: 300 } },
  started('smoke.1', 'Run the quick tests'),
  {
    type: 'step.finished',
    data: { step: 'smoke.1', outcome: 'failed', ms: 250, tokens: 0, detail: 'smoke fail' },
  },
  started('code.2', 'Repair the code'),
];

const events: TaskEvent[] = EVENTS.map((event, at) => ({
  ...event,
  task_id: 't1',
  seq: at + 1,
  at: at * 1_000,
}));

test('an explanation tells the model and why, the refused ones, what was read and what each step cost', () => {
  expect(explain(TASK, events)).toMatchObject({
    model: { model: 'coder-7b', why: 'the largest that fits' },
    refused: [{ model: 'coder-70b', reasons: ['needs 40 GiB, 8 GiB are free'] }],
    prompts: [{ step: 'code.1', files: ['calc.py', 'test_calc.py'], left_out: 3 }],
    steps: [
      { step: 'code.1', attempt: 1, outcome: 'done', ms: 1_500, tokens: 300, replayed: 1 },
      { step: 'smoke.1', attempt: 2, outcome: 'failed', detail: 'smoke fail' },
      { step: 'code.2', attempt: 2, outcome: 'running' },
    ],
    total: { tokens: 300, ms: 1_750 },
  });
});

test('a person reads it as a table', () => {
  const text = explainLines(explain(TASK, events), choosePalette(false)).join('\n');
  expect(text).toMatch(/^model +coder-7b.*: the largest that fits$/m);
  expect(text).toMatch(/^refused +coder-70b: needs 40 GiB/m);
  expect(text).toMatch(/^read +code\.1: 2 files shown, 3 not, about 420 tokens$/m);
  expect(text).toMatch(/^ +calc\.py$/m);
  expect(text).toMatch(/^code\.1 +1 +done, replayed +1\.5 s +300 +1 file changed$/m);
  expect(text).toMatch(/^total +1\.8 s +300$/m);
});

test('scripted answers are told as no call of a model, and their tokens with it', () => {
  const usage = { prompt_tokens: 10, generated_tokens: 702, model_calls: 0, model_ms: 1 };
  const explanation = { ...explain(TASK, events), usage };
  expect(explainLines(explanation, choosePalette(false))).toContain(
    'used        no model call: 10 tokens read, 702 tokens written, 1 ms',
  );
});

test('a task that nobody has taken yet has nothing to explain but its goal', () => {
  const text = explainLines(explain(TASK, []), choosePalette(false)).join('\n');
  expect(text).toMatch(/^model +none was chosen$/m);
});
