import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { Refusal } from '../kernel/errors.ts';
import type { Insertion, NewTask } from '../store/insertTasks.ts';
import type { AppDeps } from './app.ts';
import { createBacklog, queueFull } from './backlog.ts';
import { ringBells } from './ringBells.ts';

/** Resolves when the task is safe in the database and rung for, or, with the queue away, safe alone. */
export type InsertTask = (task: NewTask) => Promise<Insertion>;

interface Waiting {
  task: NewTask;
  resolve(insertion: Insertion): void;
  reject(error: unknown): void;
}

const BATCH_MAX = 500;
/** How long an answer waits for the doorbell; the task is safe by then. */
const RING_PATIENCE_MS = 1_000;

/** Group commit: tasks that arrive while an insert is under way share the next insert, notify and ring. */
export function createSubmitBatches(deps: AppDeps): InsertTask {
  const backlog = createBacklog(deps);
  const queue: Waiting[] = [];
  let draining = false;

  return (task) =>
    new Promise((resolve, reject) => {
      queue.push({ task, resolve, reject });
      if (!draining) void drain();
    });

  /** Never rejects: `insertBatch` hands every error to the submits that it belongs to. */
  async function drain(): Promise<void> {
    draining = true;
    await nextTurn();
    while (queue.length > 0) await insertBatch(queue.splice(0, BATCH_MAX));
    draining = false;
  }

  async function insertBatch(batch: Waiting[]): Promise<void> {
    try {
      const room = await backlog.room(batch.length);
      for (const late of batch.splice(room)) late.reject(queueFull(deps.config.maxQueued));
      if (batch.length === 0) return;
      const insertions = await deps.store.insertTasks(batch.map(({ task }) => task));
      backlog.added(insertions.filter(({ kind }) => kind === 'inserted').length);
      void answer(deps, batch, insertions);
    } catch (error) {
      await refuse(batch, error);
    }
  }

  /** A task that the database cannot take fails alone: its neighbours are tried one by one. */
  async function refuse(batch: Waiting[], error: unknown): Promise<void> {
    if (batch.length > 1 && !(error instanceof Refusal)) {
      for (const waiting of batch) await insertBatch([waiting]);
    } else {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}

/** Never rejects, and does not hold up the next batch. */
async function answer(deps: AppDeps, batch: Waiting[], insertions: Insertion[]): Promise<void> {
  const fresh = batch.filter((_, at) => insertions[at]?.kind === 'inserted');
  const rings = fresh.map(({ task }) => ({
    taskId: task.id,
    traceparent: task.traceparent ?? undefined,
  }));
  await Promise.race([ringBells(deps, rings), delay(RING_PATIENCE_MS, undefined, { ref: false })]);
  for (const [at, waiting] of batch.entries()) {
    const insertion = insertions[at];
    if (insertion !== undefined) waiting.resolve(insertion);
    else waiting.reject(new Error('the store answered for fewer tasks than it was given'));
  }
}
