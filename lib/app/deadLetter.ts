import * as z from 'zod';
import { parseTaskId, type TaskId } from '../kernel/ids.ts';
import { isTerminal } from '../task/state.ts';
import type { AppDeps } from './app.ts';

export interface Letter {
  messageId: string;
  body: string;
}

/** Handles each letter by itself; resolves with the ids of those that have to come again: the database was away. */
export async function deadLetterBatch(
  deps: AppDeps,
  letters: readonly Letter[],
): Promise<string[]> {
  const outcomes = await Promise.allSettled(letters.map(({ body }) => deadLetter(deps, body)));
  return letters.flatMap(({ messageId }, at) => {
    const outcome = outcomes[at];
    if (outcome?.status !== 'rejected') return [];
    deps.telemetry.logger.error('a dead letter was not handled', {
      err: outcome.reason,
      messageId,
    });
    return [messageId];
  });
}

export type DeadLetterOutcome = 'rung_again' | 'ended' | 'missing' | 'unreadable';

const RingBody = z.object({ task_id: z.string() });

/**
 * A ring that no worker could take. It never ends a task: one that has not ended is marked so that the sweeper rings for
 * it again. Rejects when the database is away: the message has to come back.
 */
export async function deadLetter(deps: AppDeps, body: string): Promise<DeadLetterOutcome> {
  const taskId = readTaskId(body);
  const outcome = taskId === undefined ? 'unreadable' : await ringAgain(deps, taskId);
  const { logger, metrics } = deps.telemetry;
  metrics.put('dead_letters', 1, 'Count', { outcome });
  logger.warn('a ring came to the dead-letter queue', {
    outcome,
    ...(taskId === undefined ? { body: body.slice(0, 500) } : { task_id: taskId }),
  });
  return outcome;
}

async function ringAgain({ store }: AppDeps, taskId: TaskId): Promise<DeadLetterOutcome> {
  const task = await store.findTask(taskId);
  if (task === undefined) return 'missing';
  if (isTerminal(task.status) && task.patchRequest === null) return 'ended';
  await store.ringAgain(taskId);
  return 'rung_again';
}

function readTaskId(body: string): TaskId | undefined {
  try {
    const parsed = RingBody.safeParse(JSON.parse(body));
    return parsed.success ? parseTaskId(parsed.data.task_id) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
