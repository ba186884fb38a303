import * as z from 'zod';
import type { TaskId } from '../kernel/ids.ts';
import { type NewEvent, parseNewEvent } from '../task/event.ts';
import { TaskPayload } from '../task/payload.ts';
import { PatchRequest, TaskResult } from '../task/view.ts';
import { SeqRow } from './appendEvents.ts';
import type { Held } from './lease.ts';
import type { StoreRoom } from './room.ts';

/** The right to carry out what was asked, until the lease lapses: then another worker takes it. */
const PatchClaim = z.object({
  taskId: z.uuid().transform((id) => id as TaskId),
  request: PatchRequest,
  fence: z.int(),
  /** This claim included; more than one when workers were lost over it. */
  tries: z.int(),
  payload: TaskPayload,
  result: TaskResult,
  traceparent: z.string().nullable(),
});
export type PatchClaim = z.infer<typeof PatchClaim>;

/** Claims up to `limit` requests that nobody is carrying out. */
export async function claimPatchRequests(
  room: StoreRoom,
  terms: { owner: string; leaseMs: number; limit: number },
): Promise<PatchClaim[]> {
  const rows = await room.db.query(
    `with picked as (
       select id
       from tasks
       where patch_request is not null
         and coalesce(lease_until, '-infinity') < now()
       limit $3
       for update skip locked
     )
     update tasks
     set fence = fence + 1,
         patch_tries = patch_tries + 1,
         lease_owner = $1,
         lease_until = clock_timestamp() + $2 * interval '1 millisecond'
     from picked
     where tasks.id = picked.id
     returning
       tasks.id as "taskId", patch_request as request, fence, patch_tries as tries, payload, result,
       traceparent`,
    [terms.owner, terms.leaseMs, terms.limit],
  );
  return rows.map((row) => PatchClaim.parse(row));
}

/** Ends the request with what came of it: one event, and where the patch is now. */
export async function settlePatchRequest(
  room: StoreRoom,
  { taskId, fence, event, result }: Held & { event: NewEvent; result: TaskResult },
): Promise<'settled' | 'lost'> {
  const { type, data } = parseNewEvent(event.type, event.data);
  const [row] = await room.db.query(
    `with held as (
       update tasks
       set patch_request = null,
           patch_tries = 0,
           patch_state = $3,
           result = $4::json,
           fence = fence + 1,
           lease_owner = null,
           lease_until = null,
           last_seq = last_seq + 1
       where id = $1
         and fence = $2
         and patch_request is not null
       returning id, last_seq
     ),
     logged as (
       insert into events (task_id, seq, type, data)
       select id, last_seq, $5, $6::json
       from held
     )
     select last_seq
     from held`,
    [taskId, fence, result.apply.state, JSON.stringify(result), type, JSON.stringify(data)],
  );
  if (row === undefined) return 'lost';
  room.notifier.announce([{ taskId, seq: SeqRow.parse(row).last_seq }]);
  return 'settled';
}

/** Gives the request back for later: the workspace is busy just now. It does not count as a try. */
export async function postponePatchRequest(
  room: StoreRoom,
  { taskId, fence, waitMs }: Held & { waitMs: number },
): Promise<void> {
  await room.db.query(
    `update tasks
     set patch_tries = patch_tries - 1,
         fence = fence + 1,
         lease_until = clock_timestamp() + $3 * interval '1 millisecond'
     where id = $1
       and fence = $2
       and patch_request is not null`,
    [taskId, fence, waitMs],
  );
}
