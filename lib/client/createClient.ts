import { randomUUID } from 'node:crypto';
import {
  FeedbackAnswer,
  HealthAnswer,
  ModelsAnswer,
  MoveAnswer,
  PatchAnswer,
  SubmitAnswer,
  TaskPage,
  ValidatedAnswer,
} from '../task/answers.ts';
import { type AuditEntry, AuditPage } from '../task/audit.ts';
import { TaskView } from '../task/view.ts';
import type { Client, SubmitOptions, Submitted } from './client.ts';
import { followTask } from './followTask.ts';
import { createTransport, type Transport, type TransportOptions } from './transport.ts';

/** A client of one service. It holds no connection of its own and needs no closing. */
export function createClient(options: TransportOptions): Client {
  const transport = createTransport(options);
  const post = async <S extends Parameters<Transport['json']>[1]>(
    path: string,
    shape: S,
    body?: unknown,
  ) => (await transport.json({ method: 'POST', path, body }, shape)).value;
  return {
    submitTask: submitWith(transport),
    getTask: async (taskId) =>
      (await transport.json({ method: 'GET', path: taskPath(taskId) }, TaskView)).value,
    listTasks: async (filter) =>
      (await transport.json({ method: 'GET', path: '/v1/tasks', query: { ...filter } }, TaskPage))
        .value,
    cancelTask: (taskId) => post(`${taskPath(taskId)}/cancel`, MoveAnswer),
    resumeTask: (taskId, { from } = {}) =>
      post(`${taskPath(taskId)}/resume`, MoveAnswer, from === undefined ? undefined : { from }),
    diffTask: (taskId) => transport.text({ method: 'GET', path: `${taskPath(taskId)}/diff` }),
    applyTask: (taskId, { check = false } = {}) =>
      post(`${taskPath(taskId)}/apply`, PatchAnswer, { check }),
    revertTask: (taskId) => post(`${taskPath(taskId)}/revert`, PatchAnswer),
    auditTask: (taskId) => auditTask(transport, taskId),
    sendFeedback: (body) => post('/v1/feedback', FeedbackAnswer, body),
    listModels: async ({ frameworks, ...filter } = {}) => {
      const query = { ...filter, frameworks: frameworks?.join(',') };
      return (await transport.json({ method: 'GET', path: '/v1/models', query }, ModelsAnswer))
        .value;
    },
    health: async () =>
      (await transport.json({ method: 'GET', path: '/health', accept: [503] }, HealthAnswer)).value,
    followTask: (taskId, follow) => followTask(transport, { url: options.url, taskId, ...follow }),
  };
}

function submitWith(transport: Transport): Client['submitTask'] {
  function submitTask(
    payload: unknown,
    options: SubmitOptions & { dryRun: true },
  ): Promise<ValidatedAnswer>;
  function submitTask(
    payload: unknown,
    options?: SubmitOptions & { dryRun?: false },
  ): Promise<Submitted>;
  function submitTask(
    payload: unknown,
    options: SubmitOptions & { dryRun?: boolean } = {},
  ): Promise<ValidatedAnswer | Submitted> {
    return options.dryRun === true
      ? validate(transport, payload, options)
      : submit(transport, payload, options);
  }
  return submitTask;
}

async function validate(transport: Transport, payload: unknown, { signal }: SubmitOptions) {
  const call = { path: '/v1/tasks', query: { dry_run: true }, body: payload, signal };
  return (await transport.json({ method: 'POST', ...call }, ValidatedAnswer)).value;
}

async function submit(
  transport: Transport,
  payload: unknown,
  { idempotencyKey = randomUUID(), signal }: SubmitOptions,
): Promise<Submitted> {
  const headers = { 'idempotency-key': idempotencyKey };
  const call = { path: '/v1/tasks', body: payload, headers, signal };
  const answer = await transport.json({ method: 'POST', ...call }, SubmitAnswer);
  const replayed = answer.headers.get('idempotent-replay') === 'true';
  return { ...answer.value, replayed, idempotencyKey };
}

async function auditTask(transport: Transport, taskId: string): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  const path = `${taskPath(taskId)}/audit`;
  for (let hasMore = true; hasMore; ) {
    const query = { after: entries.at(-1)?.seq };
    const page = (await transport.json({ method: 'GET', path, query }, AuditPage)).value;
    entries.push(...page.data);
    hasMore = page.has_more;
  }
  return entries;
}

function taskPath(taskId: string): string {
  return `/v1/tasks/${encodeURIComponent(taskId)}`;
}
