import { expect, it } from 'vitest';
import { TaskPayload } from '../../../lib/task/payload.ts';
import { linksOf, type TaskView } from '../../../lib/task/view.ts';
import { PLAIN } from '../../../scripts/agentctl/render/palette.ts';
import { taskReport } from '../../../scripts/agentctl/render/taskReport.ts';

const payload = TaskPayload.parse({
  type: 'CODE',
  input: { language: 'python', repo: { path: './workspace/x' }, goal: 'Add from_roman' },
});

const queued: TaskView = {
  task_id: 't1',
  status: 'queued',
  verdict: null,
  failure: null,
  attempt: 0,
  last_seq: 1,
  queue_position: 2,
  waiting: null,
  trace_id: null,
  payload,
  result: null,
  patch_request: null,
  steps: [],
  submitted_at: '2026-01-01T00:00:00.000Z',
  started_at: null,
  finished_at: null,
  links: linksOf('t1'),
};

const verified: TaskView = {
  ...queued,
  status: 'succeeded',
  verdict: { name: 'verified', summary: '2 tests failed before and pass now.' },
  queue_position: null,
  waiting: null,
  started_at: '2026-01-01T00:00:01.000Z',
  finished_at: '2026-01-01T00:00:04.500Z',
  result: {
    proof: {
      tree_hash: '0123456789abcdef',
      base_tree_hash: 'ff',
      expected_files: [],
      non_negotiables: [{ name: 'jdk', asked: '21', found: null, satisfied: false }],
      baseline: [],
      runs: [
        {
          phase: 'smoke',
          status: 'pass',
          tool: 'python3',
          argv: ['python3', '-m', 'unittest'],
          exit: 0,
          ms: 80,
          tests: { total: 6, passed: 6, failed: 0, errors: 0, skipped: 0 },
          cases: [],
          suite_ran: true,
          diagnostics: [],
          tree_hash: '0123456789abcdef',
          log: '',
        },
      ],
      tests: 'base',
      fixed: ['a', 'b', 'c', 'd', 'e', 'f'],
      regressed: [],
      goal_addressed: true,
    },
    model: { id: 'replay', provider: 'replay', llm: false, why: '' },
    usage: { prompt_tokens: 10, generated_tokens: 1_234, model_calls: 0, model_ms: 5 },
    files: [{ path: 'roman.py', action: 'modified', bytes: 1_536 }],
    apply: { state: 'applied', why: 'apply: verified', paths: ['roman.py'] },
  },
};

it('a finished task shows verdict, proof, files, model, time and the next command', () => {
  expect(taskReport(verified, PLAIN)).toEqual([
    'VERIFIED    2 tests failed before and pass now.',
    'oracle      smoke passed · 6 tests: 6 passed · 80 ms · python3 -m unittest',
    'fixed       6 tests failed before and passing now',
    ...['a', 'b', 'c', 'd', 'e', 'and 1 more'].map((name) => `            ${name}`),
    'demand      jdk 21: found none',
    'tree        sha256 0123456789ab: what was judged',
    'modified    roman.py (1,536 bytes)',
    'workspace   the files are written (apply: verified)',
    "model       replay (scripted answer, not a model's) · no model call, 1,234 tokens",
    'time        4.5 s since the submit, 3.5 s of work',
    'next        agentctl feedback t1 --accept (or --reject, --edited)',
  ]);
});

it('a waiting task shows its goal, its place in the queue and how to watch it', () => {
  expect(taskReport(queued, PLAIN)).toEqual([
    'QUEUED      Add from_roman  2 tasks ahead',
    'next        agentctl watch t1',
  ]);
});

it('a task that waits for a model shows why, and until when', () => {
  const waiting = { why: 'small: it does not write java', until: '2026-01-01T00:10:00.000Z' };
  expect(taskReport({ ...queued, waiting }, PLAIN).join('\n')).toContain(
    'waits until 2026-01-01T00:10:00.000Z at most: small: it does not write java',
  );
});

it('a failed task shows why, the remedy and how to go on', () => {
  const failure = { code: 'no_eligible_model', message: 'none fits', remedy: 'get one' } as const;
  expect(taskReport({ ...queued, status: 'failed', queue_position: null, failure }, PLAIN)).toEqual(
    [
      'FAILED      none fits (no_eligible_model)',
      'remedy      get one',
      'next        agentctl resume t1',
    ],
  );
});

it('what is next stands last, below the details', () => {
  const lines = taskReport({ ...queued, queue_position: 0 }, PLAIN, ['step        route · 3 ms']);
  expect(lines).toEqual([
    'QUEUED      Add from_roman  next in line',
    'step        route · 3 ms',
    'next        agentctl watch t1',
  ]);
});

it('a remedy is told whole, however long it is', () => {
  const remedy = `unpack a JDK, such as ${'x'.repeat(300)}, below /opt`;
  const failure = { code: 'no_eligible_model' as const, message: 'none', remedy };
  expect(
    taskReport({ ...queued, status: 'failed', queue_position: null, failure }, PLAIN),
  ).toContain(`remedy      ${remedy}`);
});

it('who has no model is told how one is had before the task is resumed, which keeps the model it had', () => {
  const { result } = verified;
  const model = { id: 'scaffold', provider: 'scaffold', llm: false, why: '' };
  const failure = { code: 'no_usable_answer' as const, message: 'it creates files only' };
  const failed = { ...queued, status: 'failed' as const, queue_position: null, failure };
  const lines = taskReport({ ...failed, result: result && { ...result, model } }, PLAIN);
  expect(lines.at(-1)).toBe(
    'next        agentctl models --fits (names the command that gets a model), then agentctl resume t1 --from start',
  );
});

it('calls of a model are counted', () => {
  const { result } = verified;
  const model = { id: 'coder', provider: 'ollama', llm: true, why: '' };
  const usage = { prompt_tokens: 1, generated_tokens: 7, model_calls: 2, model_ms: 1 };
  const task = { ...verified, result: result && { ...result, model, usage } };
  expect(taskReport(task, PLAIN)).toContain('model       coder (ollama) · 2 calls, 7 tokens');
});
