import type { EpochMs } from '../kernel/clock.ts';
import type { TaskId } from '../kernel/ids.ts';
import { moveAndTell, type StoreRoom } from './room.ts';

/** A run, as long as it holds its lease. */
export interface Held {
  taskId: TaskId;
  fence: number;
}

/**
 * Prolongs the lease by `leaseMs` from now. `cancelling`: prolonged, but somebody asked for the end. `lost`: another has
 * the task, or it has ended; whoever ran it may write nothing more.
 */
export async function extendLease(
  room: StoreRoom,
  { taskId, fence, leaseMs }: Held & { leaseMs: number },
): Promise<'held' | 'cancelling' | 'lost'> {
  const [row] = await room.db.query<{ status: string }>(
    `update tasks
     set lease_until = clock_timestamp() + $3 * interval '1 millisecond'
     where id = $1
       and fence = $2
       and status in ('running', 'cancelling')
     returning status`,
    [taskId, fence, leaseMs],
  );
  if (row === undefined) return 'lost';
  return row.status === 'cancelling' ? 'cancelling' : 'held';
}

/** Gives an unfinished run back to the queue, at its old place; it does not count as a lapse. */
export async function handBack(
  room: StoreRoom,
  { taskId, fence }: Held,
): Promise<'requeued' | 'cancelled' | 'lost'> {
  const [requeued] = await moveAndTell(room, {
    from: ['running'],
    to: 'queued',
    where: 'tasks.id = $2 and tasks.fence = $3',
    event: {
      type: 'task.requeued',
      data: { reason: "'worker_draining'", attempt: 'attempt' },
    },
    params: [taskId, fence],
  });
  return requeued === undefined ? confirmCancelled(room, { taskId, fence }) : 'requeued';
}

/**
 * Gives a run that nobody could go on with back to the queue, at its old place. Until `wakeAt` (a second from now at
 * least) it is claimed only by who asks for what waits.
 */
export async function handBackToWait(
  room: StoreRoom,
  { taskId, fence, why, wakeAt }: Held & { why: string; wakeAt: EpochMs },
): Promise<'requeued' | 'cancelled' | 'lost'> {
  const [requeued] = await moveAndTell(room, {
    from: ['running'],
    to: 'queued',
    where: 'tasks.id = $2 and tasks.fence = $3',
    set: [
      'waiting = $4',
      `wake_at = greatest(to_timestamp($5::float8 / 1000), clock_timestamp() + interval '1 second')`,
    ],
    event: {
      type: 'task.requeued',
      data: { reason: "'waiting_for_model'", attempt: 'attempt' },
    },
    // Postgres has no NUL in a text.
    params: [taskId, fence, why.replaceAll('\0', ''), wakeAt],
  });
  return requeued === undefined ? confirmCancelled(room, { taskId, fence }) : 'requeued';
}

/** The runner's word that no process of a cancelled run is left. */
export async function confirmCancelled(
  room: StoreRoom,
  { taskId, fence }: Held,
): Promise<'cancelled' | 'lost'> {
  const [cancelled] = await moveAndTell(room, {
    from: ['cancelling'],
    to: 'cancelled',
    where: 'tasks.id = $2 and tasks.fence = $3',
    event: {
      type: 'task.finished',
      data: { status: "'cancelled'", verdict: 'null', failure: 'null' },
    },
    params: [taskId, fence],
  });
  return cancelled === undefined ? 'lost' : 'cancelled';
}
