import * as z from 'zod';
import type { EventSeq, TaskId } from '../kernel/ids.ts';
import type { NewEvent } from '../task/event.ts';
import type { StoreRoom } from './room.ts';
import { talliesOf } from './tallies.ts';

export interface Append {
  taskId: TaskId;
  /** Of the claim under which the events were made; without it the append is not the run's own. */
  fence?: number | undefined;
  events: readonly NewEvent[];
}

export const SeqRow = z.object({ last_seq: z.int().transform((seq) => seq as EventSeq) });

/**
 * Appends all of the events, in order, under the next sequence numbers, and resolves with the last one; with undefined,
 * and nothing written, when the fence is lost or the task unknown.
 */
export async function appendEvents(room: StoreRoom, append: Append): Promise<EventSeq | undefined> {
  const [row] = await room.db.query(APPEND, appendParams(append));
  if (row === undefined) return undefined;
  const { last_seq: seq } = SeqRow.parse(row);
  if (append.events.length > 0) room.notifier.announce([{ taskId: append.taskId, seq }]);
  return seq;
}

/**
 * The statements that every append is made of, to be followed by others over `held`. `$1` to `$9` are taken by
 * `appendParams`. The lock of the row orders the writers, so the sequence is the order of the commits.
 */
export function appendStatements(assignments: readonly string[] = []): string {
  const set = ['last_seq = last_seq + cardinality($3::text[])', ...assignments];
  return `
  held as (
    update tasks
    set ${set.join(',\n        ')}
    where id = $1
      and ($2::int is null or (fence = $2 and status in ('running', 'cancelling')))
    returning id, last_seq, last_ordinal
  ),
  logged as (
    insert into events (task_id, seq, type, data)
    select held.id, held.last_seq - cardinality($3::text[]) + item.place, item.type, item.data::json
    from held, unnest($3::text[], $4::text[]) with ordinality as item (type, data, place)
  ),
  tallied as (
    insert into tallies (metric, subject, outcome, count, total)
    select tally.*
    from held, unnest($5::text[], $6::text[], $7::text[], $8::bigint[], $9::float8[]) as tally
  )`;
}

const APPEND = `
  with ${appendStatements()}
  select last_seq
  from held`;

export function appendParams({ taskId, fence, events }: Append): unknown[] {
  const tallies = talliesOf(events);
  return [
    taskId,
    fence ?? null,
    events.map(({ type }) => type),
    events.map(({ data }) => JSON.stringify(data)),
    tallies.map(({ metric }) => metric),
    tallies.map(({ subject }) => subject),
    tallies.map(({ outcome }) => outcome),
    tallies.map(({ count }) => count),
    tallies.map(({ total }) => total),
  ];
}
