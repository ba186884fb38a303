import type { QueueDepth } from '../queue/queue.ts';
import type { MetricsSnapshot, OracleTotal } from '../store/metrics.ts';
import { DENIAL_KINDS, type DenialKind } from '../task/audit.ts';
import type { MetricFamily } from '../telemetry/prometheusText.ts';

export interface Readings {
  snapshot: MetricsSnapshot;
  /** Undefined when the queue cannot be asked. */
  depth: { work: QueueDepth; dead: QueueDepth } | undefined;
  /** Undefined when it is not known. */
  workers: number | undefined;
  /** Open streams of this process. */
  streams: number;
}

type Sample = MetricFamily['samples'][number];

/** Every metric of `GET /metrics`, seconds as the unit of time. Pure. */
export function metricFamilies({ snapshot, depth, workers, streams }: Readings): MetricFamily[] {
  return [
    ...taskFamilies(snapshot),
    ...routeFamilies(snapshot),
    ...stepFamilies(snapshot),
    ...oracleFamilies(snapshot),
    counter(
      'sandbox_denied_total',
      'Writes and commands that the sandbox denied, and paths that were kept out of copies.',
      {
        labels: ['kind'],
        samples: DENIAL_KINDS.map((kind) => denialSample(snapshot, kind)),
      },
    ),
    gauge('queue_depth', 'Rings in the queues.', {
      labels: ['queue', 'state'],
      samples: depth === undefined ? [] : depthSamples(depth),
    }),
    gauge('workers_alive', 'Live workers.', single(workers)),
    gauge('sse_clients', 'Open streams of the process that answers.', single(streams)),
  ];
}

function taskFamilies({ tasks, submitted, finished, oldestQueuedMs }: MetricsSnapshot) {
  const labels = ['status', 'verdict'];
  const sampleOf = (entry: MetricsSnapshot['tasks'][number]): Sample => ({
    labels: { status: entry.status, verdict: entry.verdict ?? '' },
    value: entry.count,
  });
  return [
    gauge('tasks', 'Tasks that are kept.', { labels, samples: tasks.map(sampleOf) }),
    counter('tasks_submitted_total', 'Tasks accepted.', single(submitted)),
    counter('tasks_finished_total', 'Ends of runs.', { labels, samples: finished.map(sampleOf) }),
    gauge(
      'queue_oldest_age_seconds',
      'Age of the longest waiting task; 0 when none waits.',
      single((oldestQueuedMs ?? 0) / 1_000),
    ),
  ];
}

function routeFamilies({ routes }: MetricsSnapshot): MetricFamily[] {
  const routed = (wanted: 'chosen' | 'refused') => ({
    labels: ['model'],
    samples: routes
      .filter(({ outcome }) => outcome === wanted)
      .map(({ model, count }) => ({ labels: { model }, value: count })),
  });
  return [
    counter('router_route_count', 'Tasks that were routed to a model.', routed('chosen')),
    counter('router_refused_total', 'Models that were refused for a task.', routed('refused')),
  ];
}

function stepFamilies({ steps, tokens }: MetricsSnapshot): MetricFamily[] {
  const measured = (value: (step: MetricsSnapshot['steps'][number]) => number) => ({
    labels: ['step', 'outcome'],
    samples: steps.map((step) => ({
      labels: { step: step.kind, outcome: step.outcome },
      value: value(step),
    })),
  });
  return [
    counter(
      'step_runs_total',
      'Steps that ended.',
      measured(({ count }) => count),
    ),
    counter(
      'step_seconds_total',
      'Time spent in steps.',
      measured(({ ms }) => ms / 1_000),
    ),
    counter('generated_tokens_total', 'Tokens that models generated.', {
      labels: ['step'],
      samples: tokens.map(({ kind, count }) => ({ labels: { step: kind }, value: count })),
    }),
  ];
}

function oracleFamilies({ oracles, baselines }: MetricsSnapshot): MetricFamily[] {
  const passes = (phase: OracleTotal['phase']) =>
    oracles
      .filter((oracle) => oracle.phase === phase && oracle.status === 'pass')
      .reduce((total, { count }) => total + count, 0);
  const all = [
    ...oracles.map((oracle) => ({ oracle, tree: 'patched' })),
    ...baselines.map((oracle) => ({ oracle, tree: 'base' })),
  ];
  const measured = (value: (oracle: OracleTotal) => number) => ({
    labels: ['phase', 'status', 'tree'],
    samples: all.map(({ oracle, tree }) => ({
      labels: { phase: oracle.phase, status: oracle.status, tree },
      value: value(oracle),
    })),
  });
  return [
    counter('compile_pass_total', 'Patched trees that compiled.', single(passes('compile'))),
    counter(
      'test_smoke_pass_total',
      'Patched trees that passed the quick tests.',
      single(passes('smoke')),
    ),
    counter(
      'oracle_runs_total',
      'Runs of a tool that judges a tree.',
      measured(({ count }) => count),
    ),
    counter(
      'oracle_seconds_total',
      'Time spent judging trees.',
      measured(({ ms }) => ms / 1_000),
    ),
  ];
}

/** Both kinds are always there: an alert on a rate needs the zero before the first denial. */
function denialSample({ denials }: MetricsSnapshot, kind: DenialKind): Sample {
  return { labels: { kind }, value: denials.find((denial) => denial.kind === kind)?.count ?? 0 };
}

function depthSamples(depth: NonNullable<Readings['depth']>): Sample[] {
  return (['work', 'dead'] as const).flatMap((queue) => [
    { labels: { queue, state: 'visible' }, value: depth[queue].visible },
    { labels: { queue, state: 'in_flight' }, value: depth[queue].inFlight },
  ]);
}

type Values = Pick<MetricFamily, 'labels' | 'samples'>;

function counter(name: string, help: string, values: Values): MetricFamily {
  return { name, help, type: 'counter', ...values };
}

function gauge(name: string, help: string, values: Values): MetricFamily {
  return { name, help, type: 'gauge', ...values };
}

function single(value: number | undefined): Values {
  return { labels: [], samples: value === undefined ? [] : [{ value }] };
}
