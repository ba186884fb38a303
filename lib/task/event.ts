import * as z from 'zod';
import { Failure } from './failure.ts';
import { Plan, Review } from './roles.ts';
import { TaskStatus } from './state.ts';
import { OracleRun, Verdict } from './verdict.ts';

const StepName = z.string();

const ModelRefusal = z.object({ model: z.string(), reasons: z.array(z.string()) });

const EditedFile = z.object({
  path: z.string(),
  action: z.enum(['created', 'modified', 'deleted']),
  bytes: z.int(),
});

/** What happened to a task, by name. Names are dotted and in the past tense. */
const DATA = {
  'task.submitted': z.object({ language: z.string(), goal: z.string() }),
  'task.claimed': z.object({ worker: z.string(), attempt: z.int(), fence: z.int() }),
  'task.requeued': z.object({
    reason: z.enum(['lease_lapsed', 'worker_draining', 'waiting_for_model']),
    attempt: z.int(),
  }),
  'task.resumed': z.object({ from: z.enum(['journal', 'start']) }),
  'task.cancelling': z.object({}),
  'task.finished': z.object({
    status: TaskStatus,
    verdict: Verdict.nullable(),
    failure: Failure.nullable(),
  }),
  /** The code came from a Git server: this is the state that the task works on. */
  'repo.fetched': z.object({ url: z.string(), ref: z.string().nullable(), commit: z.string() }),
  'model.routed': z.object({
    model: z.string(),
    provider: z.string(),
    /** False for the scaffold and for recorded answers: no language model speaks. */
    llm: z.boolean(),
    why: z.string(),
    refused: z.array(ModelRefusal),
  }),
  'step.started': z.object({ step: StepName, title: z.string() }),
  'step.finished': z.object({
    step: StepName,
    /** `replayed`: taken from the journal of an earlier attempt, nothing was run again. */
    outcome: z.enum(['done', 'failed', 'replayed']),
    ms: z.int(),
    tokens: z.int(),
    detail: z.string().optional(),
  }),
  /** What a model is about to be asked with. */
  'prompt.built': z.object({
    step: StepName,
    /** Paths whose content it sees, in the order of the prompt. */
    files: z.array(z.string()),
    /** How many files of the repository it does not see. */
    left_out: z.int(),
    /** Estimated. */
    tokens: z.int(),
    /** Versions of the prompts that the question was made of; absent where they were not recorded yet. */
    prompts: z.array(z.string()).optional(),
  }),
  'plan.written': Plan.extend({ step: StepName }),
  'review.finished': Review.extend({ step: StepName }),
  'edit.applied': z.object({
    step: StepName,
    files: z.array(EditedFile),
    problems: z.array(z.object({ code: z.string(), path: z.string().optional() })),
  }),
  /** Kept out of the task's copy of the repository, which was not made. */
  'read.denied': z.object({
    path: z.string(),
    target: z.string(),
    reason: z.string(),
    step: StepName,
  }),
  'write.denied': z.object({
    path: z.string(),
    target: z.string(),
    reason: z.string(),
    step: StepName.optional(),
    /** The program that tried, and its system call; absent when it was an edit of a model. */
    comm: z.string().optional(),
    syscall: z.string().optional(),
    /** How many attempts this event stands for; absent: one. */
    count: z.int().optional(),
  }),
  'exec.denied': z.object({ tool: z.string(), reason: z.string(), step: StepName.optional() }),
  'exec.finished': z.object({
    step: StepName,
    argv: z.array(z.string()),
    exit: z.int().nullable(),
    termination: z.string(),
    ms: z.int(),
    /** Which limit or signal ended it, and what to do about it; absent when it ended by itself. */
    reason: z.string().optional(),
    remedy: z.string().optional(),
  }),
  'oracle.finished': OracleRun.omit({ cases: true, log: true }).extend({ step: StepName }),
  'log.appended': z.object({
    step: StepName,
    source: z.enum(['model', 'tool', 'worker']),
    text: z.string(),
  }),
  'patch.applied': z.object({ paths: z.array(z.string()) }),
  'patch.reverted': z.object({ paths: z.array(z.string()) }),
  /** Nothing was written. `why` where it were not other changes of these paths that kept it from being. */
  'patch.conflicted': z.object({ paths: z.array(z.string()), why: z.string().optional() }),
  /** An apply that was only asked about would be possible now. */
  'patch.checked': z.object({ paths: z.array(z.string()) }),
} as const;

const Envelope = z.object({
  task_id: z.string(),
  seq: z.int().positive(),
  at: z.int(),
  type: z.string(),
  data: z.unknown(),
});

export type EventType = keyof typeof DATA;
export const EVENT_TYPES = Object.keys(DATA) as EventType[];
export type EventData<T extends EventType> = z.infer<(typeof DATA)[T]>;

/** An event that is about to be appended: the log gives it its sequence and time. */
export type NewEvent = { [T in EventType]: { type: T; data: EventData<T> } }[EventType];

/** An event of the log: `seq` counts 1, 2, 3 ... per task; `at` is milliseconds since the epoch. */
export type TaskEvent = NewEvent & { task_id: string; seq: number; at: number };

/** An event as it travels and is documented; `data` is the shape that belongs to `type`. */
export const TaskEventShape = z.union(
  EVENT_TYPES.map((type) =>
    z.object({
      task_id: z.string(),
      seq: z.int().positive(),
      at: z.int(),
      type: z.literal(type),
      data: DATA[type],
    }),
  ),
);

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(DATA, type);
}

/** Throws when the value is no event of a known type. */
export function parseTaskEvent(value: unknown): TaskEvent {
  const { type, ...envelope } = Envelope.parse(value);
  return { ...envelope, ...parseNewEvent(type, envelope.data) };
}

export function parseNewEvent(type: string, data: unknown): NewEvent {
  const schema = Object.hasOwn(DATA, type) ? DATA[type as EventType] : undefined;
  if (schema === undefined) throw new Error(`unknown event type ${JSON.stringify(type)}`);
  return { type, data: schema.parse(data) } as NewEvent;
}

/** The status a task has after an event; most events leave it as it is. */
export function statusAfter(event: NewEvent, before: TaskStatus): TaskStatus {
  switch (event.type) {
    case 'task.submitted':
    case 'task.requeued':
    case 'task.resumed':
      return 'queued';
    case 'task.claimed':
      return 'running';
    case 'task.cancelling':
      return 'cancelling';
    case 'task.finished':
      return event.data.status;
    default:
      return before;
  }
}
