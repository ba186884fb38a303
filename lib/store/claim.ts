import * as z from 'zod';
import type { EpochMs } from '../kernel/clock.ts';
import type { TaskId } from '../kernel/ids.ts';
import { TaskPayload } from '../task/payload.ts';
import { lapseMoves } from './lapse.ts';
import type { Move } from './moveTasks.ts';
import { moveAndTell, type StoreRoom } from './room.ts';

export interface ClaimTerms {
  /** Worker id, shown in the log. */
  owner: string;
  leaseMs: number;
  /** Lapsed leases after which a task fails instead of being run again. */
  maxAttempts: number;
}

/** The right to run a task, until the lease lapses. */
export interface Claim {
  taskId: TaskId;
  /** Goes with every later write of this run. */
  fence: number;
  attempt: number;
  payload: TaskPayload;
  traceparent: string | null;
  /** Why it was given back by somebody who could not go on with it; null when it never was. */
  waited: string | null;
  /** The time budget runs from here: the first claim since the submit or the last resume. */
  startedAt: EpochMs;
}

/** Of one task; `evenIfWaiting`: by somebody who knows what it waits for to be there. */
export type OneClaimTerms = ClaimTerms & { taskId: TaskId; evenIfWaiting?: boolean };

/** Claims this task if it is queued or its run has lost its lease; undefined when there is nothing to claim. */
export async function claimTask(room: StoreRoom, terms: OneClaimTerms): Promise<Claim | undefined> {
  const claimed = await claimQueued(room, terms);
  if (claimed !== undefined) return claimed;
  const lapsed = { maxAttempts: terms.maxAttempts, which: 'tasks.id = $3', param: terms.taskId };
  const { fail, requeue } = lapseMoves(lapsed);
  await moveAndTell(room, fail);
  const requeued = await moveAndTell(room, requeue);
  return requeued.length > 0 ? claimQueued(room, terms) : undefined;
}

/** Claims up to `limit` queued tasks, the longest waiting first, past those that others are claiming. */
export async function claimNext(
  room: StoreRoom,
  terms: ClaimTerms & { limit: number },
): Promise<Claim[]> {
  const moved = await moveAndTell(room, {
    ...claimMove(),
    pick: `
      select id
      from tasks
      where status = 'queued'
        and ${IS_AWAKE}
      order by queued_at, id
      limit $4
      for update skip locked`,
    where: 'tasks.id = picked.id',
    params: [terms.owner, terms.leaseMs, terms.limit],
  });
  // An update returns its rows in any order.
  const rows = moved.map((row) => ClaimRow.parse(row));
  return rows.sort(byPlaceInQueue).map(claimOf);
}

const IS_AWAKE = "coalesce(tasks.wake_at, '-infinity') <= now()";

async function claimQueued(room: StoreRoom, terms: OneClaimTerms): Promise<Claim | undefined> {
  const [moved] = await moveAndTell(room, {
    ...claimMove(),
    where: terms.evenIfWaiting === true ? 'tasks.id = $4' : `tasks.id = $4 and ${IS_AWAKE}`,
    params: [terms.owner, terms.leaseMs, terms.taskId],
  });
  return moved === undefined ? undefined : claimOf(ClaimRow.parse(moved));
}

/** `$2` is the owner and `$3` the lease in milliseconds. The lease runs from the moment the row is had, not asked for. */
function claimMove(): Omit<Move<'task.claimed'>, 'where' | 'params'> {
  return {
    from: ['queued'],
    to: 'running',
    set: [
      'attempt = tasks.attempt + 1',
      'fence = tasks.fence + 1',
      'lease_owner = $2',
      "lease_until = clock_timestamp() + $3 * interval '1 millisecond'",
      'started_at = coalesce(tasks.started_at, clock_timestamp())',
    ],
    event: {
      type: 'task.claimed',
      data: { worker: '$2::text', attempt: 'attempt', fence: 'fence' },
    },
    returning: ['fence', 'attempt', 'payload', 'traceparent', 'started_at', 'queued_at', 'waiting'],
  };
}

const epochMs = z.date().transform((date) => date.getTime() as EpochMs);

const ClaimRow = z.object({
  id: z.uuid().transform((id) => id as TaskId),
  fence: z.int(),
  attempt: z.int(),
  payload: TaskPayload,
  traceparent: z.string().nullable(),
  started_at: epochMs,
  queued_at: epochMs,
  waiting: z.string().nullable(),
});
type ClaimRow = z.infer<typeof ClaimRow>;

function byPlaceInQueue(a: ClaimRow, b: ClaimRow): number {
  return a.queued_at - b.queued_at || a.id.localeCompare(b.id);
}

function claimOf(row: ClaimRow): Claim {
  return {
    taskId: row.id,
    fence: row.fence,
    attempt: row.attempt,
    payload: row.payload,
    traceparent: row.traceparent,
    waited: row.waiting,
    startedAt: row.started_at,
  };
}
