import * as z from 'zod';
import type { Tx } from '../db/db.ts';
import type { TaskId } from '../kernel/ids.ts';
import type { Ring } from '../queue/queue.ts';
import { lapseMoves } from './lapse.ts';
import { type Moved, moveTasks } from './moveTasks.ts';
import { noticeOf, type StoreRoom } from './room.ts';

export interface SweepTerms {
  maxAttempts: number;
  /** Most tasks of each kind that one sweep moves or rings. */
  limit: number;
}

export interface Swept {
  /** False when somebody else is sweeping: nothing was done. */
  swept: boolean;
  requeued: TaskId[];
  failed: TaskId[];
  cancelled: TaskId[];
  /** To be rung now and, those that were heard, noted by `markDispatched`; the others are due again at the next sweep. */
  due: Ring[];
}

const NOT_SWEPT: Swept = { swept: false, requeued: [], failed: [], cancelled: [], due: [] };

/** Of this application's advisory locks, the one of the sweep: any number that nothing else in the database uses. */
const SWEEP_LOCK = 7_301_001;

/** Ends or returns every run whose lease has lapsed, and finds the queued tasks whose ring is overdue. */
export async function sweep(room: StoreRoom, terms: SweepTerms): Promise<Swept> {
  const outcome = await room.db.transaction(async (tx) => {
    if (!(await tryLock(tx))) return undefined;
    const { fail, requeue } = lapseMoves({
      maxAttempts: terms.maxAttempts,
      which: 'tasks.id = picked.id',
      pick: lapsedSql('running', '$3'),
      param: terms.limit,
    });
    const failed = await moveTasks(tx, fail);
    const requeued = await moveTasks(tx, requeue);
    const cancelled = await cancelLapsed(tx, terms.limit);
    return { failed, requeued, cancelled, due: await findOverdue(tx, terms.limit) };
  });
  if (outcome === undefined) return NOT_SWEPT;
  const { failed, requeued, cancelled, due } = outcome;
  room.notifier.announce([...failed, ...requeued, ...cancelled].map(noticeOf));
  return {
    swept: true,
    failed: idsOf(failed),
    requeued: idsOf(requeued),
    cancelled: idsOf(cancelled),
    due,
  };
}

async function tryLock(tx: Tx): Promise<boolean> {
  const [row] = await tx.query<{ locked: boolean }>(
    'select pg_try_advisory_xact_lock($1) as locked',
    [SWEEP_LOCK],
  );
  return row?.locked === true;
}

/** A row that is locked just now is being worked on: somebody extends, ends or claims it. */
function lapsedSql(status: 'running' | 'cancelling', limit: string): string {
  return `
    select id
    from tasks
    where status = '${status}'
      and lease_until < now()
    limit ${limit}
    for update skip locked`;
}

function cancelLapsed(tx: Tx, limit: number): Promise<Moved[]> {
  return moveTasks(tx, {
    from: ['cancelling'],
    to: 'cancelled',
    pick: lapsedSql('cancelling', '$2'),
    where: 'tasks.id = picked.id and tasks.lease_until < now()',
    event: {
      type: 'task.finished',
      data: { status: "'cancelled'", verdict: 'null', failure: 'null' },
    },
    params: [limit],
  });
}

/**
 * Not rung within 15 s x 2^rings, at most 5 min. A task that was never rung has no date to compare: `null < x` is never
 * true, so it counts as rung at the beginning of time.
 */
const OVERDUE = `
  select id, traceparent
  from (
    select id, traceparent, dispatched_at, rings
    from tasks
    where status = 'queued'
      and coalesce(wake_at, '-infinity') <= now()
      and coalesce(dispatched_at, '-infinity') < now() - interval '15 seconds'
    union all
    select id, traceparent, dispatched_at, rings
    from tasks
    where patch_request is not null
      and coalesce(lease_until, '-infinity') < now()
      and coalesce(dispatched_at, '-infinity') < now() - interval '15 seconds'
  ) as waiting
  where coalesce(dispatched_at, '-infinity')
      < now() - least(interval '15 seconds' * power(2, least(rings, 10)), interval '5 minutes')
  order by coalesce(dispatched_at, '-infinity')
  limit $1`;

const Overdue = z.object({
  id: z.uuid().transform((id) => id as TaskId),
  traceparent: z.string().nullable(),
});

async function findOverdue(tx: Tx, limit: number): Promise<Ring[]> {
  const rows = await tx.query(OVERDUE, [limit]);
  return rows.map((row) => {
    const { id, traceparent } = Overdue.parse(row);
    return { taskId: id, traceparent: traceparent ?? undefined };
  });
}

function idsOf(moved: readonly Moved[]): TaskId[] {
  return moved.map(({ id }) => id);
}
