import type { TaskId } from '../kernel/ids.ts';
import { Usage } from '../task/view.ts';
import type { Held } from './lease.ts';
import type { StoreRoom } from './room.ts';

/** One call of a model, as it stands. */
export interface ModelCall extends Held {
  attempt: number;
  /** 1, 2, 3 within the attempt. */
  number: number;
  step: string;
  leasedTokens: number;
  usage: Omit<Usage, 'model_calls'>;
  /** The call has ended, and these are the numbers that count. */
  settled: boolean;
}

const HELD = `
  held as (
    select id
    from tasks
    where id = $1
      and fence = $2
      and status in ('running', 'cancelling')
    for share
  )`;

const KEEP = `
  with ${HELD},
  kept as (
    insert into model_calls
      (task_id, fence, number, step, attempt, leased_tokens, prompt_tokens, generated_tokens, ms, settled)
    select id, $2, $3, $4, $5, $6, $7, $8, $9, $10
    from held
    on conflict (task_id, fence, number) do update
    set prompt_tokens = excluded.prompt_tokens,
        generated_tokens = excluded.generated_tokens,
        ms = excluded.ms,
        settled = excluded.settled
  )
  select id
  from held`;

/** Writes down what a call has used until now, or in the end. */
export async function keepModelCall(room: StoreRoom, call: ModelCall): Promise<'kept' | 'lost'> {
  const { prompt_tokens, generated_tokens, model_ms } = call.usage;
  const rows = await room.db.query(KEEP, [
    ...[call.taskId, call.fence, call.number, call.step, call.attempt, call.leasedTokens],
    ...[prompt_tokens, generated_tokens, model_ms, call.settled],
  ]);
  return rows.length > 0 ? 'kept' : 'lost';
}

/** Forgets a call that came to nothing. */
export async function forgetModelCall(
  room: StoreRoom,
  { taskId, fence, number }: Pick<ModelCall, 'taskId' | 'fence' | 'number'>,
): Promise<'forgotten' | 'lost'> {
  const rows = await room.db.query(
    `with ${HELD},
     forgotten as (
       delete from model_calls
       using held
       where model_calls.task_id = held.id
         and model_calls.fence = $2
         and model_calls.number = $3
     )
     select id
     from held`,
    [taskId, fence, number],
  );
  return rows.length > 0 ? 'forgotten' : 'lost';
}

/** What all calls of the task have used since it was submitted, or resumed from the start. */
export async function usageOf(room: StoreRoom, taskId: TaskId): Promise<Usage> {
  const [row] = await room.db.query(
    `select
       coalesce(sum(prompt_tokens), 0)::float8 as prompt_tokens,
       coalesce(sum(generated_tokens), 0)::float8 as generated_tokens,
       count(*)::float8 as model_calls,
       coalesce(sum(ms), 0)::float8 as model_ms
     from model_calls
     where task_id = $1`,
    [taskId],
  );
  return Usage.parse(row);
}
