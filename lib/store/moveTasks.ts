import * as z from 'zod';
import type { Tx } from '../db/db.ts';
import type { EventSeq, TaskId } from '../kernel/ids.ts';
import type { EventData, EventType } from '../task/event.ts';
import { sourcesOf, type TaskStatus } from '../task/state.ts';

/**
 * One kind of move between statuses. Texts are SQL over the row of `tasks`; `$1` is taken (the statuses it may come
 * from), so `params` begin at `$2`.
 */
export interface Move<T extends EventType> {
  from: readonly TaskStatus[];
  to: TaskStatus;
  /** Which tasks. With `pick` it may name columns of `picked`. */
  where: string;
  /** A select of ids, locked, for moves of many tasks at once. */
  pick?: string;
  /** Assignments beyond, or in the place of, those that every move to this status makes: `column = value`. */
  set?: readonly string[];
  /** The event that tells of the move: one SQL value per field. */
  event: { type: T; data: Record<keyof EventData<T>, string> };
  /** Columns wanted back beside the id and the sequence. */
  returning?: readonly string[];
  /** Further statements of the same transaction over `moved`, each with its name: `kept as (insert ...)`. */
  also?: readonly string[];
  params: readonly unknown[];
}

const Moved = z.looseObject({
  id: z.uuid().transform((id) => id as TaskId),
  last_seq: z.int().transform((seq) => seq as EventSeq),
});
export type Moved = z.infer<typeof Moved>;

const LEASE_ENDS = ['fence = tasks.fence + 1', 'lease_owner = null', 'lease_until = null'];
const NOBODY_WAITS = ['waiting = null', 'wake_at = null'];
const ENDS = [...LEASE_ENDS, ...NOBODY_WAITS, 'finished_at = clock_timestamp()'];

/** What a move to this status does whoever makes it. The fence moves on, so whoever held the lease writes no more. */
const EFFECTS: Record<TaskStatus, readonly string[]> = {
  queued: [
    ...LEASE_ENDS,
    ...NOBODY_WAITS,
    ...['finished_at = null', 'dispatched_at = null', 'rings = 0'],
  ],
  running: ['wake_at = null'],
  cancelling: [],
  cancelled: ENDS,
  succeeded: ENDS,
  failed: ENDS,
};

/**
 * The one place where a status changes: the move, its event and its counts in a single statement. Resolves with the tasks
 * that were moved; those that somebody else moved first are not among them.
 */
export async function moveTasks<T extends EventType>(tx: Tx, move: Move<T>): Promise<Moved[]> {
  refuseIllegal(move);
  const rows = await tx.query(moveSql(move), [move.from, ...move.params]);
  return rows.map((row) => Moved.parse(row));
}

function refuseIllegal({ from, to }: Pick<Move<EventType>, 'from' | 'to'>): void {
  const legal = sourcesOf(to);
  const illegal = from.filter((status) => !legal.includes(status));
  if (illegal.length > 0) throw new Error(`no move leads from ${illegal.join(', ')} to ${to}`);
}

function moveSql<T extends EventType>(move: Move<T>): string {
  const assignments = lastOfEachColumn([
    `status = '${move.to}'`,
    'last_seq = tasks.last_seq + 1',
    ...EFFECTS[move.to],
    ...(move.set ?? []),
  ]);
  const columns = ['id', 'last_seq', ...(move.returning ?? [])];
  const statements = [
    ...(move.pick === undefined ? [] : [`picked as (${move.pick})`]),
    `moved as (
      update tasks
      set ${assignments.join(',\n        ')}
      ${move.pick === undefined ? '' : 'from picked'}
      where tasks.status = any($1)
        and ${move.where}
      returning tasks.*
    )`,
    `logged as (
      insert into events (task_id, seq, type, data)
      select id, last_seq, '${move.event.type}', ${eventDataSql(move.event.data)}
      from moved
    )`,
    ...(move.event.type === 'task.finished' ? [FINISHED_TALLY] : []),
    ...(move.also ?? []),
  ];
  return `with ${statements.join(',\n')}
    select ${columns.join(', ')}
    from moved`;
}

function lastOfEachColumn(assignments: readonly string[]): string[] {
  return [...new Map(assignments.map((each) => [each.split(' = ', 1)[0], each])).values()];
}

function eventDataSql(data: Record<string, string>): string {
  const pairs = Object.entries(data).map(([field, value]) => `'${field}', ${value}`);
  return `json_build_object(${pairs.join(', ')})`;
}

const FINISHED_TALLY = `tallied as (
      insert into tallies (metric, subject, outcome, count, total)
      select 'finished', status, coalesce(verdict, ''), count(*), 0
      from moved
      group by status, verdict
    )`;
