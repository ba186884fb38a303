import { hashOf } from '../kernel/canonicalJson.ts';
import { Refusal } from '../kernel/errors.ts';
import { newTaskId } from '../kernel/ids.ts';
import type { SubmitAnswer } from '../task/answers.ts';
import type { TaskPayload } from '../task/payload.ts';
import { repoSource } from '../task/repo.ts';
import { linksOf } from '../task/view.ts';
import type { AppDeps } from './app.ts';
import { requireRepoBelowWorkspace } from './repoPath.ts';
import { requireFetchable } from './repoUrl.ts';
import { createSubmitBatches, type InsertTask } from './submitBatches.ts';

export interface SubmitRequest {
  payload: TaskPayload;
  apiKeyHash: string;
  idempotencyKey: string | undefined;
  /** W3C trace context of the submit. */
  traceparent: string | undefined;
}

export interface Submission {
  answer: SubmitAnswer;
  /** True when this idempotency key had been used before with the same payload. */
  replayed: boolean;
}

/** 1 to 255 visible ASCII characters or spaces. */
const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;

/** Everything that can be said of a payload without accepting it. */
export function checkPayload({ config }: AppDeps, payload: TaskPayload): void {
  const source = repoSource(payload.input.repo);
  if (source.kind === 'folder') requireRepoBelowWorkspace(source.path, config);
  else requireFetchable(source.url, payload.apply, config.repoHosts);
}

/**
 * Accepts a task: once this resolves it is never lost. An outage of the queue does not fail it. Throws `Refusal`: invalid
 * (path outside the workspace, host not allowed, key reused with another payload), rate_limited (queue full), unavailable (no database).
 */
export async function submitTask(deps: AppDeps, request: SubmitRequest): Promise<Submission> {
  checkPayload(deps, request.payload);
  requireUsableKey(request.idempotencyKey);
  const insertion = await insertWith(deps)({
    id: newTaskId(deps.clock.now(), deps.random),
    apiKeyHash: request.apiKeyHash,
    ...(request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey }),
    bodyHash: hashOf(request.payload),
    payload: request.payload,
    traceparent: request.traceparent ?? null,
  });
  if (insertion.kind === 'mismatch') throw keyReused();
  const { taskId, kind } = insertion;
  deps.telemetry.logger.info('task accepted', { task_id: taskId, kind });
  return {
    answer: { task_id: taskId, status: 'queued', links: linksOf(taskId) },
    replayed: kind === 'replayed',
  };
}

const batchesOf = new WeakMap<AppDeps, InsertTask>();

/** One set of batches per app, so that all its submits meet. */
function insertWith(deps: AppDeps): InsertTask {
  const present = batchesOf.get(deps);
  if (present !== undefined) return present;
  const created = createSubmitBatches(deps);
  batchesOf.set(deps, created);
  return created;
}

function requireUsableKey(key: string | undefined): void {
  if (key === undefined || IDEMPOTENCY_KEY.test(key)) return;
  throw new Refusal('invalid', 'the Idempotency-Key is not 1 to 255 printable ASCII characters', {
    code: 'idempotency_key_invalid',
    remedy: 'use a UUID',
  });
}

function keyReused(): Refusal {
  return new Refusal('invalid', 'this Idempotency-Key was used before with another payload', {
    code: 'idempotency_key_reused',
    remedy: 'use a new key for a new task, or send the first payload again unchanged',
  });
}
