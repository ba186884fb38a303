import type { Db } from '../db/db.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { EventSeq, TaskId } from '../kernel/ids.ts';
import type { AuditEntry } from '../task/audit.ts';
import type { NewEvent, TaskEvent } from '../task/event.ts';
import type { FeedbackBody } from '../task/feedback.ts';
import type { Patch } from '../task/patch.ts';
import type { TaskStatus } from '../task/state.ts';
import type { PatchRequest, TaskResult, TaskView, Usage } from '../task/view.ts';
import { type Append, appendEvents } from './appendEvents.ts';
import { appendDenials, auditAfter, type Denied } from './auditLog.ts';
import { type Claim, type ClaimTerms, claimNext, claimTask, type OneClaimTerms } from './claim.ts';
import { countQueued } from './countQueued.ts';
import { markDispatched, ringAgain } from './dispatch.ts';
import { insertFeedback } from './feedback.ts';
import { findTask, type TaskRecord } from './findTask.ts';
import { type Finish, finishTask } from './finishTask.ts';
import { type Insertion, insertTasks, type NewTask } from './insertTasks.ts';
import { dropStepsFrom, loadSteps, type NewStep, recordStep, type StepRecord } from './journal.ts';
import { confirmCancelled, extendLease, type Held, handBack, handBackToWait } from './lease.ts';
import { type ListQuery, listTasks, type TaskPage } from './listTasks.ts';
import { loadPatch, loadView } from './loadView.ts';
import { type MetricsSnapshot, metricsSnapshot } from './metrics.ts';
import { forgetModelCall, keepModelCall, type ModelCall, usageOf } from './modelCalls.ts';
import { createNotifier } from './notifier.ts';
import {
  claimPatchRequests,
  type PatchClaim,
  postponePatchRequest,
  settlePatchRequest,
} from './patchWork.ts';
import { attemptAt, eventsAfter, statusAt } from './readEvents.ts';
import { type CancelAnswer, requestCancel } from './requestCancel.ts';
import { type PatchRequested, requestPatch } from './requestPatch.ts';
import { type Resume, type Resumed, resumeTask } from './resumeTask.ts';
import { deleteExpired } from './retention.ts';
import type { StoreRoom } from './room.ts';
import { type SweepTerms, type Swept, sweep } from './sweep.ts';
import { type WaitingTask, waitingAfter } from './waiting.ts';

/**
 * Everything that is known of tasks. Each verb is one transaction, and whatever it changes is told by events of the same
 * transaction; listeners hear of them after the commit. Throws `Refusal('unavailable')` when the database is away: then a
 * write may or may not have happened, and asking again is safe for those that carry a fence or an idempotency key.
 */
export interface Store {
  insertTasks(tasks: readonly NewTask[]): Promise<Insertion[]>;
  markDispatched(taskIds: readonly TaskId[]): Promise<void>;
  ringAgain(taskId: TaskId): Promise<void>;

  findTask(taskId: TaskId): Promise<TaskRecord | undefined>;
  loadView(taskId: TaskId): Promise<TaskView | undefined>;
  loadPatch(taskId: TaskId): Promise<Patch | undefined>;
  listTasks(query: ListQuery): Promise<TaskPage>;
  countQueued(): Promise<number>;

  claimTask(terms: OneClaimTerms): Promise<Claim | undefined>;
  waitingAfter(taskId: TaskId | undefined, limit: number): Promise<WaitingTask[]>;
  claimNext(terms: ClaimTerms & { limit: number }): Promise<Claim[]>;
  extendLease(lease: Held & { leaseMs: number }): Promise<'held' | 'cancelling' | 'lost'>;
  handBack(held: Held): Promise<'requeued' | 'cancelled' | 'lost'>;
  handBackToWait(
    held: Held & { why: string; wakeAt: EpochMs },
  ): Promise<'requeued' | 'cancelled' | 'lost'>;
  finishTask(finish: Finish): Promise<'finished' | 'cancelled' | 'lost'>;
  confirmCancelled(held: Held): Promise<'cancelled' | 'lost'>;
  requestCancel(taskId: TaskId): Promise<CancelAnswer>;
  resumeTask(resume: Resume): Promise<Resumed>;
  sweep(terms: SweepTerms): Promise<Swept>;

  requestPatch(asked: { taskId: TaskId; request: PatchRequest }): Promise<PatchRequested>;
  claimPatchRequests(terms: {
    owner: string;
    leaseMs: number;
    limit: number;
  }): Promise<PatchClaim[]>;
  settlePatchRequest(
    settled: Held & { event: NewEvent; result: TaskResult },
  ): Promise<'settled' | 'lost'>;
  postponePatchRequest(postponed: Held & { waitMs: number }): Promise<void>;

  loadSteps(taskId: TaskId): Promise<StepRecord[]>;
  recordStep(step: NewStep): Promise<'recorded' | 'lost'>;
  dropStepsFrom(from: Held & { ordinal: number }): Promise<'dropped' | 'lost'>;

  keepModelCall(call: ModelCall): Promise<'kept' | 'lost'>;
  forgetModelCall(call: Held & { number: number }): Promise<'forgotten' | 'lost'>;
  usageOf(taskId: TaskId): Promise<Usage>;

  appendEvents(append: Append): Promise<EventSeq | undefined>;
  appendDenials(denied: Denied): Promise<EventSeq | undefined>;
  auditAfter(taskId: TaskId, seq: number, limit: number): Promise<AuditEntry[]>;
  eventsAfter(taskId: TaskId, seq: EventSeq, limit: number): Promise<TaskEvent[]>;
  statusAt(taskId: TaskId, seq: EventSeq): Promise<TaskStatus>;
  attemptAt(taskId: TaskId, seq: EventSeq): Promise<number>;

  insertFeedback(
    feedback: FeedbackBody & { apiKeyHash: string },
  ): Promise<{ feedbackId: string } | undefined>;
  metricsSnapshot(): Promise<MetricsSnapshot>;
  deleteExpired(retentionDays: number): Promise<{ deleted: number }>;

  /** Resolves when the notices of everything committed so far are out. To be called before the database is closed. */
  close(): Promise<void>;
}

export function createStore(db: Db): Store {
  const notifier = createNotifier(db);
  const room: StoreRoom = { db, notifier };
  return {
    insertTasks: (tasks) => insertTasks(room, tasks),
    markDispatched: (taskIds) => markDispatched(room, taskIds),
    ringAgain: (taskId) => ringAgain(room, taskId),
    findTask: (taskId) => findTask(room, taskId),
    loadView: (taskId) => loadView(room, taskId),
    loadPatch: (taskId) => loadPatch(room, taskId),
    listTasks: (query) => listTasks(room, query),
    countQueued: () => countQueued(room),
    claimTask: (terms) => claimTask(room, terms),
    waitingAfter: (taskId, limit) => waitingAfter(room, taskId, limit),
    claimNext: (terms) => claimNext(room, terms),
    extendLease: (lease) => extendLease(room, lease),
    handBack: (held) => handBack(room, held),
    handBackToWait: (held) => handBackToWait(room, held),
    finishTask: (finish) => finishTask(room, finish),
    confirmCancelled: (held) => confirmCancelled(room, held),
    requestCancel: (taskId) => requestCancel(room, taskId),
    resumeTask: (resume) => resumeTask(room, resume),
    sweep: (terms) => sweep(room, terms),
    requestPatch: (asked) => requestPatch(room, asked),
    claimPatchRequests: (terms) => claimPatchRequests(room, terms),
    settlePatchRequest: (settled) => settlePatchRequest(room, settled),
    postponePatchRequest: (postponed) => postponePatchRequest(room, postponed),
    loadSteps: (taskId) => loadSteps(room, taskId),
    recordStep: (step) => recordStep(room, step),
    dropStepsFrom: (from) => dropStepsFrom(room, from),
    keepModelCall: (call) => keepModelCall(room, call),
    forgetModelCall: (call) => forgetModelCall(room, call),
    usageOf: (taskId) => usageOf(room, taskId),
    appendEvents: (append) => appendEvents(room, append),
    appendDenials: (denied) => appendDenials(room, denied),
    auditAfter: (taskId, seq, limit) => auditAfter(room, taskId, seq, limit),
    eventsAfter: (taskId, seq, limit) => eventsAfter(room, taskId, seq, limit),
    statusAt: (taskId, seq) => statusAt(room, taskId, seq),
    attemptAt: (taskId, seq) => attemptAt(room, taskId, seq),
    insertFeedback: (feedback) => insertFeedback(room, feedback),
    metricsSnapshot: () => metricsSnapshot(room),
    deleteExpired: (retentionDays) => deleteExpired(room, retentionDays),
    close: () => notifier.flush(),
  };
}
