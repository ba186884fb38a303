import * as z from 'zod';
import type { EventSeq, TaskId } from '../kernel/ids.ts';
import { AuditEntry, type Denial, denialEvents, FIRST_PREV, sealed } from '../task/audit.ts';
import { appendParams, appendStatements, SeqRow } from './appendEvents.ts';
import type { StoreRoom } from './room.ts';

export interface Denied {
  taskId: TaskId;
  /** Of the claim under which it was denied; without it the entry is not the run's own. */
  fence?: number | undefined;
  denials: readonly Denial[];
}

const Head = z.object({ seq: z.int(), hash: z.string() });
const Now = z.object({ now: z.coerce.number().transform(Math.round) });

/**
 * Puts denials on record and tells of them by events, in one transaction; resolves with the last sequence of the events, with
 * undefined, and nothing written, when the fence is lost or the task unknown.
 */
export async function appendDenials(
  room: StoreRoom,
  { taskId, fence, denials }: Denied,
): Promise<EventSeq | undefined> {
  const events = denialEvents(denials);
  const seq = await room.db.transaction(async (tx) => {
    // Takes the lock of the task's row: whoever else appends to this chain waits.
    const [held] = await tx.query(APPEND, appendParams({ taskId, fence, events }));
    if (held === undefined) return undefined;
    const [head] = await tx.query(HEAD, [taskId]);
    const [now] = await tx.query(NOW);
    const entries = chained(taskId, denials, head && Head.parse(head), Now.parse(now).now);
    await tx.query(INSERT, [
      taskId,
      entries.map((entry) => entry.seq),
      entries.map(({ hash }) => hash),
      entries.map((entry) => JSON.stringify(entry)),
    ]);
    return SeqRow.parse(held).last_seq;
  });
  if (seq !== undefined && events.length > 0) room.notifier.announce([{ taskId, seq }]);
  return seq;
}

/** The audit of a task in order, after a sequence. */
export async function auditAfter(
  room: StoreRoom,
  taskId: TaskId,
  seq: number,
  limit: number,
): Promise<AuditEntry[]> {
  const rows = await room.db.query<{ entry: unknown }>(
    `select entry
     from audit
     where task_id = $1
       and seq > $2
     order by seq
     limit $3`,
    [taskId, seq, limit],
  );
  return rows.map(({ entry }) => AuditEntry.parse(entry));
}

function chained(
  taskId: TaskId,
  denials: readonly Denial[],
  head: z.infer<typeof Head> | undefined,
  at: number,
): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (const denial of denials) {
    const prev = entries.at(-1)?.hash ?? head?.hash ?? FIRST_PREV;
    const seq = (head?.seq ?? 0) + entries.length + 1;
    entries.push(sealed({ task_id: taskId, seq, at, ...denial, prev }));
  }
  return entries;
}

const APPEND = `
  with ${appendStatements()}
  select last_seq
  from held`;

const HEAD = `
  select seq, hash
  from audit
  where task_id = $1
  order by seq desc
  limit 1`;

const NOW = 'select extract(epoch from clock_timestamp()) * 1000 as now';

const INSERT = `
  insert into audit (task_id, seq, hash, entry)
  select $1, item.seq, item.hash, item.entry::json
  from unnest($2::int[], $3::text[], $4::text[]) as item (seq, hash, entry)`;
