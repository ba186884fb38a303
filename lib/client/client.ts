import type {
  FeedbackAnswer,
  HealthAnswer,
  ModelsAnswer,
  MoveAnswer,
  PatchAnswer,
  SubmitAnswer,
  TaskPage,
  ValidatedAnswer,
} from '../task/answers.ts';
import type { AuditEntry } from '../task/audit.ts';
import type { FeedbackBody } from '../task/feedback.ts';
import type { TaskStatus } from '../task/state.ts';
import type { VerdictName } from '../task/verdict.ts';
import type { TaskView } from '../task/view.ts';
import type { Followed, FollowOptions } from './follow.ts';

export interface SubmitOptions {
  /** Makes a retry after a lost answer safe; made at random when absent. */
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface Submitted extends SubmitAnswer {
  /** True when this key had been used before: the answer is the first one's. */
  replayed: boolean;
  idempotencyKey: string;
}

export interface TaskFilter {
  status?: TaskStatus | undefined;
  verdict?: VerdictName | undefined;
  language?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ModelFilter {
  language?: string | undefined;
  frameworks?: string[] | undefined;
  context?: number | undefined;
  all?: boolean | undefined;
}

/**
 * The HTTP contract, typed. Every call rejects with `ApiProblem` when the service declines and with `Unreachable` when no
 * answer could be had.
 */
export interface Client {
  /** `payload` is sent as it is: the service validates it. */
  submitTask(payload: unknown, options: SubmitOptions & { dryRun: true }): Promise<ValidatedAnswer>;
  submitTask(payload: unknown, options?: SubmitOptions & { dryRun?: false }): Promise<Submitted>;
  getTask(taskId: string): Promise<TaskView>;
  listTasks(filter?: TaskFilter): Promise<TaskPage>;
  cancelTask(taskId: string): Promise<MoveAnswer>;
  resumeTask(
    taskId: string,
    options?: { from?: 'journal' | 'start' | undefined },
  ): Promise<MoveAnswer>;
  /** What the task changed, as a unified diff; empty when nothing. */
  diffTask(taskId: string): Promise<string>;
  /** Resolves when the request is safe; the task's `patch_request` is null again when a worker has carried it out. */
  applyTask(taskId: string, options?: { check?: boolean | undefined }): Promise<PatchAnswer>;
  revertTask(taskId: string): Promise<PatchAnswer>;
  /** The whole audit of a task, oldest first, over as many pages as it takes. */
  auditTask(taskId: string): Promise<AuditEntry[]>;
  sendFeedback(body: FeedbackBody): Promise<FeedbackAnswer>;
  listModels(filter?: ModelFilter): Promise<ModelsAnswer>;
  /** Resolves with the report whether the service is well (200) or not (503). */
  health(): Promise<HealthAnswer>;
  /**
   * Every event after `after` once, in order, over as many connections as it takes; ends when the task has ended or the
   * signal aborts.
   */
  followTask(taskId: string, options?: FollowOptions): AsyncIterable<Followed>;
}
