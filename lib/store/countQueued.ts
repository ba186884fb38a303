import type { StoreRoom } from './room.ts';

/** Tasks that wait for a worker. */
export async function countQueued(room: StoreRoom): Promise<number> {
  const [row] = await room.db.query<{ count: number }>(
    `select count(*)::int as count
     from tasks
     where status = 'queued'`,
  );
  return row?.count ?? 0;
}
