import * as z from 'zod';
import type { TaskId } from '../kernel/ids.ts';
import { Failure } from '../task/failure.ts';
import { type Language, TaskPayload } from '../task/payload.ts';
import { TaskStatus } from '../task/state.ts';
import { Verdict, type VerdictName } from '../task/verdict.ts';
import type { TaskSummary } from '../task/view.ts';
import type { StoreRoom } from './room.ts';

export interface ListQuery {
  status?: TaskStatus | undefined;
  verdict?: VerdictName | undefined;
  language?: Language | undefined;
  /** Only tasks older than this one: `nextBefore` of the page before. */
  before?: TaskId | undefined;
  limit: number;
}

export interface TaskPage {
  tasks: TaskSummary[];
  /** Cursor of the next page; absent on the last one. */
  nextBefore?: TaskId;
}

/** Newest first. Tasks that come while pages are turned shift nothing: ids of version 7 sort by time. */
export async function listTasks(room: StoreRoom, query: ListQuery): Promise<TaskPage> {
  const { sql, params } = listSql(query);
  const rows = (await room.db.query(sql, params)).map((row) => SummaryRow.parse(row));
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const page = { tasks: shown.map(summaryOf) };
  return rows.length > query.limit && last !== undefined ? { ...page, nextBefore: last.id } : page;
}

/** One text per combination of filters, so that each is planned with the index that serves it. */
function listSql(query: ListQuery): { sql: string; params: unknown[] } {
  const { status, verdict, language, before, limit } = query;
  const filters: [condition: string, value: unknown][] = [
    ['status =', status],
    ['verdict =', verdict],
    ['language =', language],
    ['id <', before],
  ];
  const asked = filters.filter(([, value]) => value !== undefined);
  const conditions = asked.map(([condition], place) => `and ${condition} $${place + 2}`);
  return {
    sql: `
      select id, status, verdict_detail, failure, attempt, payload, submitted_at, finished_at
      from tasks
      where true
        ${conditions.join('\n        ')}
      order by id desc
      limit $1`,
    // One more than asked for tells whether there is another page.
    params: [limit + 1, ...asked.map(([, value]) => value)],
  };
}

const SummaryRow = z.object({
  id: z.uuid().transform((id) => id as TaskId),
  status: TaskStatus,
  verdict_detail: Verdict.nullable(),
  failure: Failure.nullable(),
  attempt: z.int(),
  payload: TaskPayload,
  submitted_at: z.date(),
  finished_at: z.date().nullable(),
});

function summaryOf(row: z.infer<typeof SummaryRow>): TaskSummary {
  return {
    task_id: row.id,
    status: row.status,
    verdict: row.verdict_detail,
    failure: row.failure,
    attempt: row.attempt,
    language: row.payload.input.language,
    goal: row.payload.input.goal,
    submitted_at: row.submitted_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
  };
}
