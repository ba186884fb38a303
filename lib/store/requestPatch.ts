import * as z from 'zod';
import type { EventSeq, TaskId } from '../kernel/ids.ts';
import { isTerminal, TaskStatus } from '../task/state.ts';
import { PatchRequest, PatchState } from '../task/view.ts';
import type { StoreRoom } from './room.ts';

export type PatchRefusal =
  | 'not_ended'
  | 'nothing_to_apply'
  | 'already_applied'
  | 'not_applied'
  | 'another_request';

export type PatchRequested =
  /** Also when the same was asked before and is not done yet. */
  | { kind: 'accepted'; lastSeq: EventSeq }
  | { kind: 'refused'; reason: PatchRefusal }
  | { kind: 'missing' };

/** Between two looks somebody else can have asked, or a worker can have done it; not again and again. */
const MAX_LOOKS = 20;

/** Where the patch must be for what is asked. */
const POSSIBLE_FROM: Record<PatchRequest, PatchState[]> = {
  apply: ['not_applied', 'conflicted', 'reverted'],
  check: ['not_applied', 'conflicted', 'reverted'],
  revert: ['applied'],
};

/** Leaves a request for the workers on an ended task; at most one at a time. */
export async function requestPatch(
  room: StoreRoom,
  { taskId, request }: { taskId: TaskId; request: PatchRequest },
): Promise<PatchRequested> {
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const [row] = await room.db.query(REQUEST, [taskId, request, POSSIBLE_FROM[request]]);
    if (row === undefined) return { kind: 'missing' };
    const found = Found.parse(row);
    if (found.accepted || found.request === request)
      return { kind: 'accepted', lastSeq: found.lastSeq };
    const reason = whyNot(found, request);
    if (reason !== undefined) return { kind: 'refused', reason };
  }
  throw new Error(`task ${taskId} changed at every one of ${MAX_LOOKS} looks`);
}

const REQUEST = `
  with asked as (
    update tasks
    set patch_request = $2,
        patch_tries = 0,
        dispatched_at = null,
        rings = 0
    where id = $1
      and patch_request is null
      and patch_state = any($3::text[])
    returning id
  )
  select
    status, patch_request as request, patch_state as state, last_seq as "lastSeq",
    exists (select from asked) as accepted
  from tasks
  where id = $1`;

const Found = z.object({
  status: TaskStatus,
  request: PatchRequest.nullable(),
  state: PatchState.nullable(),
  lastSeq: z.int().transform((seq) => seq as EventSeq),
  accepted: z.boolean(),
});

function whyNot(
  { status, request: open, state }: z.infer<typeof Found>,
  request: PatchRequest,
): PatchRefusal | undefined {
  if (!isTerminal(status)) return 'not_ended';
  if (open !== null) return 'another_request';
  if (state === null) return 'nothing_to_apply';
  if (POSSIBLE_FROM[request].includes(state)) return undefined;
  return request === 'revert' ? 'not_applied' : 'already_applied';
}
