import { expect, test } from 'vitest';
import { metricFamilies, type Readings } from '../../../lib/app/metricFamilies.ts';
import { prometheusText } from '../../../lib/telemetry/prometheusText.ts';

const NOTHING: Readings = {
  snapshot: {
    tasks: [],
    oldestQueuedMs: null,
    submitted: 0,
    finished: [],
    routes: [],
    oracles: [],
    baselines: [],
    steps: [],
    tokens: [],
    denials: [],
  },
  depth: undefined,
  workers: undefined,
  streams: 0,
};

async function linesOf(readings: Readings): Promise<string[]> {
  const text = await prometheusText(metricFamilies(readings));
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('an unused service shows zeros, and leaves out what it does not know', async () => {
  expect(await linesOf(NOTHING)).toEqual([
    'tasks_submitted_total 0',
    'queue_oldest_age_seconds 0',
    'compile_pass_total 0',
    'test_smoke_pass_total 0',
    'sandbox_denied_total{kind="read"} 0',
    'sandbox_denied_total{kind="write"} 0',
    'sandbox_denied_total{kind="exec"} 0',
    'sse_clients 0',
  ]);
});

test('every number of the contract is there', async () => {
  const lines = await linesOf({
    snapshot: {
      tasks: [{ status: 'succeeded', verdict: 'verified', count: 3 }],
      oldestQueuedMs: 1_500,
      submitted: 5,
      finished: [{ status: 'failed', verdict: null, count: 1 }],
      routes: [
        { model: 'scaffold', outcome: 'chosen', count: 2 },
        { model: 'big', outcome: 'refused', count: 4 },
      ],
      oracles: [
        { phase: 'compile', status: 'pass', count: 2, ms: 1_200 },
        { phase: 'compile', status: 'fail', count: 1, ms: 100 },
        { phase: 'smoke', status: 'pass', count: 7, ms: 50 },
      ],
      baselines: [{ phase: 'compile', status: 'pass', count: 9, ms: 900 }],
      steps: [{ kind: 'code', outcome: 'done', count: 3, ms: 2_500 }],
      tokens: [{ kind: 'code', count: 120 }],
      denials: [{ kind: 'exec', count: 6 }],
    },
    depth: { work: { visible: 1, inFlight: 2 }, dead: { visible: 3, inFlight: 0 } },
    workers: 2,
    streams: 4,
  });
  expect(lines).toEqual(
    expect.arrayContaining([
      'tasks{status="succeeded",verdict="verified"} 3',
      'tasks_finished_total{status="failed",verdict=""} 1',
      'queue_oldest_age_seconds 1.5',
      'router_route_count{model="scaffold"} 2',
      'router_refused_total{model="big"} 4',
      'compile_pass_total 2',
      'test_smoke_pass_total 7',
      'oracle_runs_total{phase="compile",status="pass",tree="base"} 9',
      'oracle_seconds_total{phase="compile",status="pass",tree="patched"} 1.2',
      'step_seconds_total{step="code",outcome="done"} 2.5',
      'generated_tokens_total{step="code"} 120',
      'sandbox_denied_total{kind="exec"} 6',
      'queue_depth{queue="work",state="in_flight"} 2',
      'queue_depth{queue="dead",state="visible"} 3',
      'workers_alive 2',
      'sse_clients 4',
    ]),
  );
});
