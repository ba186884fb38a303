import * as z from 'zod';
import type { TaskId } from '../kernel/ids.ts';
import type { NewEvent } from '../task/event.ts';
import { Patch } from '../task/patch.ts';
import { appendParams, appendStatements, SeqRow } from './appendEvents.ts';
import type { Held } from './lease.ts';
import type { StoreRoom } from './room.ts';

/** One finished step of a task, as its journal keeps it. */
const StepRecord = z.object({
  key: z.string(),
  inputHash: z.string(),
  attempt: z.int(),
  ok: z.boolean(),
  /** Plain JSON; whoever recorded it knows its shape. */
  output: z.unknown(),
  patch: Patch.nullable(),
  tokens: z.int(),
  ms: z.int(),
  /** Grows in the order in which steps were recorded. */
  ordinal: z.int(),
});
export type StepRecord = z.infer<typeof StepRecord>;

export interface NewStep extends Held, Omit<StepRecord, 'ordinal'> {
  /** Appended in the same transaction as the step. */
  events: readonly NewEvent[];
}

/** The journal in the order of its recording. */
export async function loadSteps(room: StoreRoom, taskId: TaskId): Promise<StepRecord[]> {
  const rows = await room.db.query(
    `select key, input_hash as "inputHash", attempt, ok, output, patch, tokens, ms, ordinal
     from steps
     where task_id = $1
     order by ordinal`,
    [taskId],
  );
  return rows.map((row) => StepRecord.parse(row));
}

const RECORD = `
  with ${appendStatements(['last_ordinal = last_ordinal + 1'])},
  recorded as (
    insert into steps (task_id, key, ordinal, input_hash, attempt, ok, output, patch, tokens, ms)
    select id, $10, last_ordinal, $11, $12, $13, $14::json, $15::json, $16, $17
    from held
    on conflict (task_id, key) do update
    set ordinal = excluded.ordinal,
        input_hash = excluded.input_hash,
        attempt = excluded.attempt,
        ok = excluded.ok,
        output = excluded.output,
        patch = excluded.patch,
        tokens = excluded.tokens,
        ms = excluded.ms,
        finished_at = excluded.finished_at
  )
  select last_seq
  from held`;

/** Records the step and appends its events, together. A step of the same key takes the place of a stale one. */
export async function recordStep(room: StoreRoom, step: NewStep): Promise<'recorded' | 'lost'> {
  const [row] = await room.db.query(RECORD, [
    ...appendParams(step),
    step.key,
    step.inputHash,
    step.attempt,
    step.ok,
    JSON.stringify(step.output ?? null),
    step.patch === null ? null : JSON.stringify(step.patch),
    step.tokens,
    step.ms,
  ]);
  if (row === undefined) return 'lost';
  room.notifier.announce([{ taskId: step.taskId, seq: SeqRow.parse(row).last_seq }]);
  return 'recorded';
}

/** Forgets every step from this ordinal on: their inputs have changed. */
export async function dropStepsFrom(
  room: StoreRoom,
  { taskId, fence, ordinal }: Held & { ordinal: number },
): Promise<'dropped' | 'lost'> {
  const rows = await room.db.query(
    `with held as (
       select id
       from tasks
       where id = $1
         and fence = $2
         and status in ('running', 'cancelling')
       for update
     ),
     dropped as (
       delete from steps
       using held
       where steps.task_id = held.id
         and steps.ordinal >= $3
     )
     select id
     from held`,
    [taskId, fence, ordinal],
  );
  return rows.length > 0 ? 'dropped' : 'lost';
}
