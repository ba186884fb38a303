import * as z from 'zod';
import { Language, TaskPayload } from './payload.ts';
import { ServerTrouble } from './serverTrouble.ts';
import { TaskStatus } from './state.ts';
import { Links, PatchRequest, TaskSummary } from './view.ts';

/** What the API answers, beside the task itself. Times are ISO 8601 in UTC. */

export const SubmitAnswer = z.object({ task_id: z.string(), status: TaskStatus, links: Links });
export type SubmitAnswer = z.infer<typeof SubmitAnswer>;

/** A dry run: the payload is good; this is how the service reads it, with every default filled in. */
export const ValidatedAnswer = z.object({ valid: z.literal(true), payload: TaskPayload });
export type ValidatedAnswer = z.infer<typeof ValidatedAnswer>;

export const TaskPage = z.object({
  data: z.array(TaskSummary),
  /** Opaque; null on the last page. */
  next_cursor: z.string().nullable(),
  has_more: z.boolean(),
});
export type TaskPage = z.infer<typeof TaskPage>;

/** The task after a cancel or a resume. */
export const MoveAnswer = z.object({ task_id: z.string(), status: TaskStatus, links: Links });
export type MoveAnswer = z.infer<typeof MoveAnswer>;

export const ResumeBody = z.strictObject({
  /** `journal` keeps the finished steps up to the first failed one; `start` drops them. */
  from: z.enum(['journal', 'start']).default('journal'),
});
export type ResumeBody = z.infer<typeof ResumeBody>;

export const ApplyBody = z.strictObject({
  /** Only tell whether the patch could be applied now; nothing is written. */
  check: z.boolean().default(false),
});
export type ApplyBody = z.infer<typeof ApplyBody>;

/** A worker will do it: what came of it are the events after `last_seq`, and `result.apply` of the task. */
export const PatchAnswer = z.object({
  task_id: z.string(),
  patch_request: PatchRequest,
  last_seq: z.int(),
  links: Links,
});
export type PatchAnswer = z.infer<typeof PatchAnswer>;

export const FeedbackAnswer = z.object({ feedback_id: z.string() });
export type FeedbackAnswer = z.infer<typeof FeedbackAnswer>;

/** A model that a live worker can call, or that is only known by name. Sizes in bytes, contexts in tokens. */
export const ListedModel = z.object({
  id: z.string(),
  provider: z.string(),
  server: z.string().nullable(),
  family: z.string(),
  /** False for the scaffold and for recorded answers: no language model speaks. */
  llm: z.boolean(),
  parameters_billion: z.number().nullable(),
  quantisation: z.string().nullable(),
  file_bytes: z.int().nullable(),
  context_tokens: z.int(),
  /** Null: any language. */
  languages: z.array(Language).nullable(),
  /** Null: any framework. */
  frameworks: z.array(z.string()).nullable(),
  licence: z.string(),
  /** False: known by name, and no model server that was found has it. */
  served: z.boolean(),
  /** To load it with the context asked for (8,192 tokens at least): weights, cache, compute and a margin. */
  memory_needed_mib: z.int().nullable(),
  /** Whether it is served, or would fit on a live worker's machine; null when its need is not known. */
  fits: z.boolean().nullable(),
  /** As measured on the fastest of the workers; null before the first answer. */
  tokens_per_second: z.number().nullable(),
  eligible: z.boolean(),
  /** Why not; empty when eligible. */
  reasons: z.array(z.string()),
  /** The workers that can call it. */
  workers: z.array(z.string()),
  /** The command that brings it to the machine; null when it is served, or none is known. */
  get: z.string().nullable(),
});
export type ListedModel = z.infer<typeof ListedModel>;

export const ModelsAnswer = z.object({
  data: z.array(ListedModel),
  workers_alive: z.int(),
  /** Model servers that a live worker asked and cannot use. */
  troubles: z.array(ServerTrouble).default([]),
});
export type ModelsAnswer = z.infer<typeof ModelsAnswer>;

const Part = z.object({ ok: z.boolean(), detail: z.string().optional() });

export const HealthAnswer = z.object({
  /** `degraded`: tasks are accepted, but something that works on them is missing. */
  status: z.enum(['ok', 'degraded', 'unavailable']),
  database: Part,
  queue: Part.extend({
    visible: z.int().optional(),
    in_flight: z.int().optional(),
    dead: z.int().optional(),
  }),
  workers: Part.extend({ alive: z.int(), slots: z.int(), running: z.int() }),
  sandbox: Part.extend({ tier: z.enum(['bubblewrap', 'namespaces', 'none', 'unknown']) }),
  models: Part.extend({
    runtimes: z.array(
      z.object({
        provider: z.string(),
        server: z.string().nullable(),
        models: z.array(z.string()),
      }),
    ),
    /** Model servers that a live worker asked and cannot use; others may answer. */
    troubles: z.array(ServerTrouble).default([]),
  }),
});
export type HealthAnswer = z.infer<typeof HealthAnswer>;

/** Liveness alone: the process answers. */
export const LiveAnswer = z.object({ status: z.literal('ok') });

/** RFC 9457 problem details, with what a person or a program can do about it. */
export const ProblemBody = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** Path of the request. */
  instance: z.string(),
  /** Stable machine-readable name, for example `task_not_found`. */
  code: z.string(),
  /** True when the same request may succeed later. */
  retryable: z.boolean(),
  remedy: z.string().optional(),
  /** `pointer` is an RFC 6901 JSON pointer into the body, or `/<name>` of a query parameter. */
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).default([]),
});
export type ProblemBody = z.infer<typeof ProblemBody>;
