import * as z from 'zod';
import { DENIAL_KINDS, type DenialKind } from '../task/audit.ts';
import { TaskStatus } from '../task/state.ts';
import { OraclePhase, OracleRun, VerdictName } from '../task/verdict.ts';
import type { StoreRoom } from './room.ts';
import type { TallyMetric } from './tallies.ts';

/**
 * Numbers over all processes. `tasks` and `oldestQueuedMs` are gauges of this moment; everything else is a total since the
 * database was made and never goes down, whatever retention deletes. Durations are sums in milliseconds.
 */
export interface MetricsSnapshot {
  tasks: { status: TaskStatus; verdict: VerdictName | null; count: number }[];
  /** Age of the longest waiting task; null when none waits. */
  oldestQueuedMs: number | null;
  submitted: number;
  /** Ends of runs: a task that is resumed and ends again counts twice. */
  finished: { status: TaskStatus; verdict: VerdictName | null; count: number }[];
  routes: { model: string; outcome: 'chosen' | 'refused'; count: number }[];
  /** Runs that judged a patch. */
  oracles: OracleTotal[];
  /** Runs on the untouched tree. */
  baselines: OracleTotal[];
  /** `kind` is the step's key without its number: `code` for `code.1`. */
  steps: { kind: string; outcome: 'done' | 'failed' | 'replayed'; count: number; ms: number }[];
  /** Tokens generated, by kind of step. */
  tokens: { kind: string; count: number }[];
  denials: { kind: DenialKind; count: number }[];
}

export interface OracleTotal {
  phase: OraclePhase;
  status: OracleRun['status'];
  count: number;
  ms: number;
}

export async function metricsSnapshot(room: StoreRoom): Promise<MetricsSnapshot> {
  const totals = await readTotals(room);
  return {
    tasks: await countTasks(room),
    oldestQueuedMs: await oldestQueuedMs(room),
    submitted: totals('submitted')[0]?.count ?? 0,
    finished: totals('finished').map(finishedOf),
    routes: totals('route').map(({ subject, outcome, count }) => ({
      model: subject,
      outcome: z.enum(['chosen', 'refused']).parse(outcome),
      count,
    })),
    oracles: totals('oracle').map(oracleOf),
    baselines: totals('baseline').map(oracleOf),
    steps: totals('step').map(({ subject, outcome, count, total }) => ({
      kind: subject,
      outcome: z.enum(['done', 'failed', 'replayed']).parse(outcome),
      count,
      ms: total,
    })),
    tokens: totals('tokens').map(({ subject, count }) => ({ kind: subject, count })),
    denials: totals('denial').map(({ subject, count }) => ({
      kind: z.enum(DENIAL_KINDS).parse(subject),
      count,
    })),
  };
}

const Total = z.object({
  metric: z.string(),
  subject: z.string(),
  outcome: z.string(),
  count: z.number(),
  total: z.number(),
});
type Total = z.infer<typeof Total>;

/** One statement sees one moment: a tally that is being folded is counted on one side or on the other. */
async function readTotals(room: StoreRoom): Promise<(metric: TallyMetric) => Total[]> {
  const rows = await room.db.query(
    `select metric, subject, outcome, sum(count)::float8 as count, sum(total) as total
     from (
       select metric, subject, outcome, count, total
       from counters
       union all
       select metric, subject, outcome, count, total
       from tallies
     ) as every
     group by metric, subject, outcome
     order by metric, subject, outcome`,
  );
  const totals = rows.map((row) => Total.parse(row));
  return (wanted) => totals.filter(({ metric }) => metric === wanted);
}

function finishedOf({ subject, outcome, count }: Total): MetricsSnapshot['finished'][number] {
  return {
    status: TaskStatus.parse(subject),
    verdict: outcome === '' ? null : VerdictName.parse(outcome),
    count,
  };
}

function oracleOf({ subject, outcome, count, total }: Total): OracleTotal {
  return {
    phase: OraclePhase.parse(subject),
    status: OracleRun.shape.status.parse(outcome),
    count,
    ms: total,
  };
}

const TaskCount = z.object({
  status: TaskStatus,
  verdict: VerdictName.nullable(),
  count: z.int(),
});

async function countTasks(room: StoreRoom): Promise<MetricsSnapshot['tasks']> {
  const rows = await room.db.query(
    `select status, verdict, count(*)::int as count
     from tasks
     group by status, verdict
     order by status, verdict`,
  );
  return rows.map((row) => TaskCount.parse(row));
}

const OldestQueued = z.object({ age_ms: z.number().nullable() });

async function oldestQueuedMs(room: StoreRoom): Promise<number | null> {
  const [row] = await room.db.query(
    `select (extract(epoch from now() - min(queued_at)) * 1000)::float8 as age_ms
     from tasks
     where status = 'queued'
       and wake_at is null`,
  );
  return OldestQueued.parse(row).age_ms;
}
