import * as z from 'zod';
import { Failure } from './failure.ts';
import { TaskPayload } from './payload.ts';
import { TaskStatus } from './state.ts';
import { Proof, Verdict } from './verdict.ts';

export const Links = z.object({
  self: z.string(),
  stream: z.string(),
  cancel: z.string(),
  resume: z.string(),
  diff: z.string(),
  apply: z.string(),
  revert: z.string(),
});

export const ModelUsed = z.object({
  id: z.string(),
  provider: z.string(),
  llm: z.boolean(),
  why: z.string(),
});
export type ModelUsed = z.infer<typeof ModelUsed>;

/** Tokens as the model server reported them, or as estimated where it did not. */
export const Usage = z.object({
  prompt_tokens: z.int(),
  generated_tokens: z.int(),
  model_calls: z.int(),
  model_ms: z.int(),
});
export type Usage = z.infer<typeof Usage>;

export const NO_USAGE: Usage = {
  prompt_tokens: 0,
  generated_tokens: 0,
  model_calls: 0,
  model_ms: 0,
};

export const ChangedFile = z.object({
  path: z.string(),
  action: z.enum(['created', 'modified', 'deleted']),
  bytes: z.int(),
});
export type ChangedFile = z.infer<typeof ChangedFile>;

/** Where the patch of an ended task is: in the workspace only when `applied`. */
export const PatchState = z.enum(['applied', 'not_applied', 'conflicted', 'reverted']);
export type PatchState = z.infer<typeof PatchState>;

/** What a worker can be asked to do with the patch of an ended task; `check`: only see whether it could be applied. */
export const PatchRequest = z.enum(['apply', 'revert', 'check']);
export type PatchRequest = z.infer<typeof PatchRequest>;

/** What a finished attempt leaves on the task. */
export const TaskResult = z.object({
  proof: Proof.nullable(),
  model: ModelUsed.nullable(),
  usage: Usage,
  files: z.array(ChangedFile),
  /** Whether the patch went into the workspace, and if not, why. */
  apply: z.object({
    state: PatchState,
    why: z.string(),
    paths: z.array(z.string()),
  }),
});
export type TaskResult = z.infer<typeof TaskResult>;

/** One row of the journal, as a user sees it. */
export const StepView = z.object({
  key: z.string(),
  attempt: z.int(),
  ms: z.int(),
  tokens: z.int(),
  finished_at: z.string(),
});
export type StepView = z.infer<typeof StepView>;

/** A task as the API shows it. Times are ISO 8601 in UTC. */
export const TaskView = z.object({
  task_id: z.string(),
  status: TaskStatus,
  verdict: Verdict.nullable(),
  failure: Failure.nullable(),
  attempt: z.int(),
  last_seq: z.int(),
  /** Tasks ahead of this one while it is queued, else null. */
  queue_position: z.int().nullable(),
  /** Why a queued task is not taken, and until when at most; null when it only waits for its turn. */
  waiting: z.object({ why: z.string(), until: z.string() }).nullable(),
  trace_id: z.string().nullable(),
  payload: TaskPayload,
  result: TaskResult.nullable(),
  /** What a worker was asked to do with the patch and has not done yet. */
  patch_request: PatchRequest.nullable(),
  steps: z.array(StepView),
  submitted_at: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  links: Links,
});
export type TaskView = z.infer<typeof TaskView>;

/** A task in a list: enough to choose one. */
export const TaskSummary = TaskView.pick({
  task_id: true,
  status: true,
  verdict: true,
  failure: true,
  attempt: true,
  submitted_at: true,
  finished_at: true,
}).extend({ language: z.string(), goal: z.string() });
export type TaskSummary = z.infer<typeof TaskSummary>;

export function linksOf(taskId: string): z.infer<typeof Links> {
  const self = `/v1/tasks/${taskId}`;
  return {
    self,
    stream: `/v1/stream/${taskId}`,
    cancel: `${self}/cancel`,
    resume: `${self}/resume`,
    diff: `${self}/diff`,
    apply: `${self}/apply`,
    revert: `${self}/revert`,
  };
}
