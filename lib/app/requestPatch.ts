import { assertNever } from '../kernel/assertNever.ts';
import { Refusal } from '../kernel/errors.ts';
import type { TaskId } from '../kernel/ids.ts';
import type { PatchRefusal } from '../store/requestPatch.ts';
import type { PatchAnswer } from '../task/answers.ts';
import { linksOf, type PatchRequest } from '../task/view.ts';
import type { AppDeps } from './app.ts';
import { requireTaskId, taskNotFound } from './refusals.ts';
import { ringBells } from './ringBells.ts';

export interface PatchRequestOptions {
  id: string;
  request: PatchRequest;
  /** W3C trace context of the request. */
  traceparent: string | undefined;
}

/** Has a worker put the patch of an ended task into the workspace, or take it out: no function sees the files. */
export async function requestPatch(
  deps: AppDeps,
  { id, request, traceparent }: PatchRequestOptions,
): Promise<PatchAnswer> {
  const taskId = requireTaskId(id);
  const links = linksOf(taskId);
  await requireWorkspace(deps, taskId);
  const outcome = await deps.store.requestPatch({ taskId, request });
  switch (outcome.kind) {
    case 'accepted':
      await ringBells(deps, [{ taskId, traceparent }]);
      return { task_id: taskId, patch_request: request, last_seq: outcome.lastSeq, links };
    case 'refused':
      throw new Refusal('conflict', ...WHY_NOT[outcome.reason]);
    case 'missing':
      throw taskNotFound(id);
    default:
      return assertNever(outcome);
  }
}

async function requireWorkspace({ store }: AppDeps, taskId: TaskId): Promise<void> {
  const task = await store.findTask(taskId);
  if (task?.payload.input.repo.url === undefined) return;
  throw new Refusal('conflict', 'its code came from a URL: there is no folder to change', {
    code: 'no_workspace',
    remedy: 'take the patch from links.diff and apply it with `git apply`',
  });
}

const WHY_NOT: Record<PatchRefusal, [string, { code: string; remedy: string }]> = {
  not_ended: [
    'the task has not ended: its patch may still change',
    { code: 'task_not_ended', remedy: 'follow links.stream to the end, then ask again' },
  ],
  nothing_to_apply: [
    'the task has changed nothing',
    { code: 'nothing_to_apply', remedy: 'links.self shows how it ended' },
  ],
  already_applied: [
    'the patch is in the workspace already',
    { code: 'already_applied', remedy: 'links.revert takes it out' },
  ],
  not_applied: [
    'the patch is not in the workspace',
    { code: 'not_applied', remedy: 'links.apply puts it there' },
  ],
  another_request: [
    'a worker was asked for something else with this patch and has not done it yet',
    { code: 'patch_request_open', remedy: 'ask again when patch_request of the task is null' },
  ],
};
