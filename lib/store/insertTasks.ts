import * as z from 'zod';
import type { Db } from '../db/db.ts';
import type { EventSeq, TaskId } from '../kernel/ids.ts';
import type { NewEvent } from '../task/event.ts';
import type { TaskPayload } from '../task/payload.ts';
import type { StoreRoom } from './room.ts';

export interface NewTask {
  id: TaskId;
  apiKeyHash: string;
  idempotencyKey?: string | undefined;
  /** Of the canonical body: tells a repeated request from another one under the same key. */
  bodyHash: string;
  payload: TaskPayload;
  /** W3C trace context of the submit. */
  traceparent: string | null;
}

/** `taskId` is the task that stands for the request: the new one, or the one that its idempotency key names already. */
export interface Insertion {
  kind: 'inserted' | 'replayed' | 'mismatch';
  taskId: TaskId;
}

/**
 * Writes the tasks that are not there yet, queued, each with its first event: all of them or none, in one statement. The
 * answers come in the order of `tasks`. A task without an idempotency key is always new.
 */
export async function insertTasks(
  room: StoreRoom,
  tasks: readonly NewTask[],
): Promise<Insertion[]> {
  const first = firstOfEachKey(tasks);
  // Locks on unique keys are taken in one order, whoever inserts: no two batches wait for each other.
  const ordered = [...first.values()].sort((a, b) => (lockOrder(a) < lockOrder(b) ? -1 : 1));
  const inserted = new Set(await insertMissing(room.db, ordered));
  room.notifier.announce([...inserted].map((taskId) => ({ taskId, seq: 1 as EventSeq })));
  const known = await findByKey(
    room.db,
    ordered.filter(({ id }) => !inserted.has(id)),
  );
  return tasks.map((task) => {
    if (inserted.has(task.id)) return { kind: 'inserted', taskId: task.id };
    const original = known.get(keyOf(task)) ?? first.get(keyOf(task));
    // Only a retention that ran in this very moment can have removed it.
    if (original === undefined) throw new Error(`task of idempotency key ${keyOf(task)} vanished`);
    const kind = original.bodyHash === task.bodyHash ? 'replayed' : 'mismatch';
    return { kind, taskId: original.id };
  });
}

function firstOfEachKey(tasks: readonly NewTask[]): Map<string, NewTask> {
  const first = new Map<string, NewTask>();
  for (const task of tasks) {
    if (!first.has(keyOf(task))) first.set(keyOf(task), task);
  }
  return first;
}

/** What makes a request the same request. Without an idempotency key nothing does. */
function keyOf({ id, apiKeyHash, idempotencyKey }: NewTask): string {
  return JSON.stringify(idempotencyKey === undefined ? [id] : [apiKeyHash, idempotencyKey]);
}

function lockOrder(task: NewTask): string {
  return task.idempotencyKey === undefined ? '' : keyOf(task);
}

const INSERT = `
  with given as (
    select *
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
      as task (id, api_key_hash, idempotency_key, body_hash, language, payload, traceparent, submitted)
  ),
  inserted as (
    insert into tasks
      (id, api_key_hash, idempotency_key, body_hash, language, payload, traceparent, last_seq)
    select id, api_key_hash, idempotency_key, body_hash, language, payload::json, traceparent, 1
    from given
    on conflict (api_key_hash, idempotency_key) do nothing
    returning id
  ),
  logged as (
    insert into events (task_id, seq, type, data)
    select id, 1, 'task.submitted', submitted::json
    from inserted
    join given using (id)
  ),
  tallied as (
    insert into tallies (metric, subject, outcome, count, total)
    select 'submitted', '', '', count(*), 0
    from inserted
    having count(*) > 0
  )
  select id
  from inserted`;

const Inserted = z.object({ id: z.uuid().transform((id) => id as TaskId) });

async function insertMissing(db: Db, tasks: readonly NewTask[]): Promise<TaskId[]> {
  if (tasks.length === 0) return [];
  const rows = await db.query(INSERT, [
    tasks.map(({ id }) => id),
    tasks.map(({ apiKeyHash }) => apiKeyHash),
    tasks.map(({ idempotencyKey }) => idempotencyKey ?? null),
    tasks.map(({ bodyHash }) => bodyHash),
    tasks.map(({ payload }) => payload.input.language),
    tasks.map(({ payload }) => JSON.stringify(payload)),
    tasks.map(({ traceparent }) => traceparent),
    tasks.map(({ payload }) => JSON.stringify(submittedEvent(payload).data)),
  ]);
  return rows.map((row) => Inserted.parse(row).id);
}

function submittedEvent({ input }: TaskPayload): NewEvent & { type: 'task.submitted' } {
  return { type: 'task.submitted', data: { language: input.language, goal: input.goal } };
}

const Known = z.object({
  id: z.uuid().transform((id) => id as TaskId),
  api_key_hash: z.string(),
  idempotency_key: z.string(),
  body_hash: z.string(),
});

async function findByKey(
  db: Db,
  tasks: readonly NewTask[],
): Promise<Map<string, Pick<NewTask, 'id' | 'bodyHash'>>> {
  if (tasks.length === 0) return new Map();
  const rows = await db.query(
    `select id, api_key_hash, idempotency_key, body_hash
     from tasks
     where (api_key_hash, idempotency_key) in (select * from unnest($1::text[], $2::text[]))`,
    [tasks.map(({ apiKeyHash }) => apiKeyHash), tasks.map(({ idempotencyKey }) => idempotencyKey)],
  );
  const known = rows.map((row) => Known.parse(row));
  return new Map(
    known.map((row) => [
      JSON.stringify([row.api_key_hash, row.idempotency_key]),
      { id: row.id, bodyHash: row.body_hash },
    ]),
  );
}
