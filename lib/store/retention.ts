import type { StoreRoom } from './room.ts';

const BATCH = 500;

/**
 * Deletes the tasks that ended more than `retentionDays` ago, with their events, journal, patch, feedback and idempotency
 * key, and folds tallies into counters; totals stay what they were. To be called about every hour, or more often.
 */
export async function deleteExpired(
  room: StoreRoom,
  retentionDays: number,
): Promise<{ deleted: number }> {
  let deleted = 0;
  for (;;) {
    const count = await deleteBatch(room, retentionDays);
    deleted += count;
    if (count < BATCH) break;
  }
  await foldTallies(room);
  return { deleted };
}

async function deleteBatch(room: StoreRoom, retentionDays: number): Promise<number> {
  const rows = await room.db.query(
    `with expired as (
       select id
       from tasks
       where finished_at < now() - $1 * interval '1 day'
       limit $2
       for update skip locked
     )
     delete from tasks
     using expired
     where tasks.id = expired.id
     returning tasks.id`,
    [retentionDays, BATCH],
  );
  return rows.length;
}

/** Counters are locked in one order, so that two who fold at once do not wait for each other. */
async function foldTallies(room: StoreRoom): Promise<void> {
  await room.db.query(
    `with gone as (
       delete from tallies
       returning metric, subject, outcome, count, total
     ),
     summed as (
       select metric, subject, outcome, sum(count) as count, sum(total) as total
       from gone
       group by metric, subject, outcome
       order by metric, subject, outcome
     )
     insert into counters (metric, subject, outcome, count, total)
     select metric, subject, outcome, count, total
     from summed
     on conflict (metric, subject, outcome) do update
     set count = counters.count + excluded.count,
         total = counters.total + excluded.total`,
  );
}
