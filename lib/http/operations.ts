import type * as z from 'zod';
import {
  ApplyBody,
  FeedbackAnswer,
  HealthAnswer,
  LiveAnswer,
  ModelsAnswer,
  MoveAnswer,
  PatchAnswer,
  ResumeBody,
  SubmitAnswer,
  TaskPage,
  ValidatedAnswer,
} from '../task/answers.ts';
import { AuditPage, AuditQuery } from '../task/audit.ts';
import { TaskEventShape } from '../task/event.ts';
import { FeedbackBody } from '../task/feedback.ts';
import { TaskPayload } from '../task/payload.ts';
import { HealthQuery, ListQuery, ModelsQuery, StreamQuery, SubmitQuery } from '../task/queries.ts';
import { TaskView } from '../task/view.ts';
import type { Access } from './apiKey.ts';

export interface AnswerShape {
  description: string;
  /** Absent: no body, unless there is a text of another media type. */
  schema?: z.ZodType;
  /** `application/json` when absent. */
  mediaType?: string;
}

export interface Operation {
  method: 'get' | 'post';
  path: string;
  id: string;
  summary: string;
  access: Access;
  headers?: Record<string, string>;
  query?: z.ZodObject;
  body?: { schema: z.ZodType; required: boolean };
  answers: Record<number, AnswerShape>;
  /** Problems by status, beside those that every operation may answer. */
  problems: number[];
}

const KEYED_PROBLEMS = [401, 429];
const BODY_PROBLEMS = [400, 413, 415, 422];

/** Every operation of the API, with the very schemas that its function parses with. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/tasks',
    id: 'submitTask',
    summary: 'Submit a coding task',
    access: 'key',
    headers: {
      'Idempotency-Key':
        '1 to 255 printable ASCII characters; the same key and body give the first answer again',
    },
    query: SubmitQuery,
    body: { schema: TaskPayload, required: true },
    answers: {
      200: { description: 'Dry run: the payload is good', schema: ValidatedAnswer },
      202: { description: 'Accepted; never lost from here on', schema: SubmitAnswer },
    },
    problems: [...KEYED_PROBLEMS, ...BODY_PROBLEMS],
  },
  {
    method: 'get',
    path: '/v1/tasks',
    id: 'listTasks',
    summary: 'List tasks, newest first',
    access: 'read',
    query: ListQuery,
    answers: { 200: { description: 'A page of tasks', schema: TaskPage } },
    problems: [...KEYED_PROBLEMS, 422],
  },
  {
    method: 'get',
    path: '/v1/tasks/{id}',
    id: 'getTask',
    summary: 'Read a task',
    access: 'read',
    headers: { 'If-None-Match': 'An ETag that was given before' },
    answers: {
      200: { description: 'The task; Retry-After while it has not ended', schema: TaskView },
      304: { description: 'Not changed' },
    },
    problems: [...KEYED_PROBLEMS, 404],
  },
  {
    method: 'post',
    path: '/v1/tasks/{id}/cancel',
    id: 'cancelTask',
    summary: 'Cancel a task',
    access: 'key',
    answers: {
      200: { description: 'It had been cancelled before', schema: MoveAnswer },
      202: {
        description: 'A queued task is cancelled, a running one is being stopped',
        schema: MoveAnswer,
      },
    },
    problems: [...KEYED_PROBLEMS, 404, 409],
  },
  {
    method: 'post',
    path: '/v1/tasks/{id}/resume',
    id: 'resumeTask',
    summary: 'Queue a cancelled or failed task again',
    access: 'key',
    body: { schema: ResumeBody, required: false },
    answers: { 202: { description: 'Queued', schema: MoveAnswer } },
    problems: [...KEYED_PROBLEMS, ...BODY_PROBLEMS, 404, 409],
  },
  {
    method: 'get',
    path: '/v1/tasks/{id}/diff',
    id: 'diffTask',
    summary: 'Read what a task changed, as a unified diff',
    access: 'read',
    answers: {
      200: { description: 'Empty when nothing was changed', mediaType: 'text/x-diff' },
    },
    problems: [...KEYED_PROBLEMS, 404, 409],
  },
  {
    method: 'post',
    path: '/v1/tasks/{id}/apply',
    id: 'applyTask',
    summary: 'Have a worker put the result into the workspace, or only check whether it could',
    access: 'key',
    body: { schema: ApplyBody, required: false },
    answers: { 202: { description: 'A worker will do it, all or nothing', schema: PatchAnswer } },
    problems: [...KEYED_PROBLEMS, ...BODY_PROBLEMS, 404, 409],
  },
  {
    method: 'post',
    path: '/v1/tasks/{id}/revert',
    id: 'revertTask',
    summary: 'Have a worker take the result out of the workspace again',
    access: 'key',
    answers: { 202: { description: 'A worker will do it, all or nothing', schema: PatchAnswer } },
    problems: [...KEYED_PROBLEMS, 404, 409],
  },
  {
    method: 'get',
    path: '/v1/tasks/{id}/audit',
    id: 'auditTask',
    summary: 'Read what a task was denied, as a hash chain',
    access: 'read',
    query: AuditQuery,
    answers: { 200: { description: 'A page of the audit, oldest first', schema: AuditPage } },
    problems: [...KEYED_PROBLEMS, 404, 422],
  },
  {
    method: 'get',
    path: '/v1/stream/{id}',
    id: 'streamTask',
    summary: 'Follow a task as server-sent events',
    access: 'read',
    headers: { 'Last-Event-ID': 'Sequence of the last event seen; wins over `after`' },
    query: StreamQuery,
    answers: {
      200: {
        description:
          'First `retry: 1000`, then `event: snapshot` with the task as of the cursor, then every event after it, ' +
          'once and in order (`id` is its sequence, `data` the event), with `event: heartbeat` in between. ' +
          '`event: reset` tells that the cursor is not in the log.',
        schema: TaskEventShape,
        mediaType: 'text/event-stream',
      },
      204: { description: 'The task has ended and the cursor is at its end' },
    },
    problems: [...KEYED_PROBLEMS, 404, 422],
  },
  {
    method: 'post',
    path: '/v1/feedback',
    id: 'sendFeedback',
    summary: 'Say what became of a result',
    access: 'key',
    body: { schema: FeedbackBody, required: true },
    answers: { 201: { description: 'Stored', schema: FeedbackAnswer } },
    problems: [...KEYED_PROBLEMS, ...BODY_PROBLEMS, 404],
  },
  {
    method: 'get',
    path: '/v1/models',
    id: 'listModels',
    summary: 'List the models that live workers can call',
    access: 'read',
    query: ModelsQuery,
    answers: { 200: { description: 'Models', schema: ModelsAnswer } },
    problems: [...KEYED_PROBLEMS, 422],
  },
  {
    method: 'get',
    path: '/health',
    id: 'health',
    summary: 'Tell how the service is',
    access: 'none',
    query: HealthQuery,
    answers: {
      200: { description: 'Tasks are accepted', schema: HealthAnswer.or(LiveAnswer) },
      503: { description: 'The database or the queue is away', schema: HealthAnswer },
    },
    problems: [422],
  },
  {
    method: 'get',
    path: '/metrics',
    id: 'metrics',
    summary: 'Prometheus text',
    access: 'none',
    answers: { 200: { description: 'Metrics', mediaType: 'text/plain' } },
    problems: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    id: 'openapi',
    summary: 'This document',
    access: 'none',
    answers: { 200: { description: 'OpenAPI 3.1', mediaType: 'application/json' } },
    problems: [],
  },
];
