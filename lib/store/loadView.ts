import * as z from 'zod';
import type { TaskId } from '../kernel/ids.ts';
import { Failure } from '../task/failure.ts';
import { Patch } from '../task/patch.ts';
import { TaskPayload } from '../task/payload.ts';
import { TaskStatus } from '../task/state.ts';
import { Verdict } from '../task/verdict.ts';
import { linksOf, PatchRequest, TaskResult, type TaskView } from '../task/view.ts';
import type { StoreRoom } from './room.ts';

const VIEW = `
  select
    id, status, verdict_detail, failure, attempt, last_seq, traceparent, payload, result, patch_request,
    submitted_at, started_at, finished_at, waiting, wake_at,
    case when status = 'queued' then (
      select count(*)::int
      from tasks as ahead
      where ahead.status = 'queued'
        and ahead.wake_at is null
        and (ahead.queued_at, ahead.id) < (tasks.queued_at, tasks.id)
    ) end as queue_position,
    coalesce((
      select json_agg(
        json_build_object(
          'key', key, 'attempt', attempt, 'ms', ms, 'tokens', tokens,
          'finished_at', floor(extract(epoch from finished_at) * 1000)
        )
        order by ordinal
      )
      from steps
      where steps.task_id = tasks.id
    ), '[]') as steps
  from tasks
  where id = $1`;

const StepRow = z.object({
  key: z.string(),
  attempt: z.int(),
  ms: z.int(),
  tokens: z.int(),
  finished_at: z.int().transform((ms) => new Date(ms).toISOString()),
});

const isoDate = z.date().transform((date) => date.toISOString());

const ViewRow = z.object({
  id: z.string(),
  status: TaskStatus,
  verdict_detail: Verdict.nullable(),
  failure: Failure.nullable(),
  attempt: z.int(),
  last_seq: z.int(),
  queue_position: z.int().nullable(),
  traceparent: z.string().nullable(),
  payload: TaskPayload,
  result: TaskResult.nullable(),
  patch_request: PatchRequest.nullable(),
  steps: z.array(StepRow),
  submitted_at: isoDate,
  started_at: isoDate.nullable(),
  finished_at: isoDate.nullable(),
  waiting: z.string().nullable(),
  wake_at: isoDate.nullable(),
});

/** The task as the API shows it, all of it as of one moment. */
export async function loadView(room: StoreRoom, taskId: TaskId): Promise<TaskView | undefined> {
  const [row] = await room.db.query(VIEW, [taskId]);
  if (row === undefined) return undefined;
  const { id, verdict_detail, traceparent, waiting, wake_at, ...shown } = ViewRow.parse(row);
  return {
    task_id: id,
    ...shown,
    waiting: waiting === null || wake_at === null ? null : { why: waiting, until: wake_at },
    verdict: verdict_detail,
    trace_id: traceIdOf(traceparent),
    links: linksOf(id),
  };
}

/** Of `<version>-<trace id>-<span id>-<flags>`, https://www.w3.org/TR/trace-context/#traceparent-header. */
function traceIdOf(traceparent: string | null): string | null {
  return traceparent?.split('-')[1] ?? null;
}

/** What the finished task changed; undefined when it changed nothing, has not ended or is unknown. */
export async function loadPatch(room: StoreRoom, taskId: TaskId): Promise<Patch | undefined> {
  const [row] = await room.db.query<{ content: unknown }>(
    `select content
     from artifacts
     where task_id = $1
       and kind = 'patch'`,
    [taskId],
  );
  return row === undefined ? undefined : Patch.parse(row.content);
}
