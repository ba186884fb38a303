import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '../../lib/client/createClient.ts';
import { ApiProblem, Unreachable } from '../../lib/client/errors.ts';
import { API_KEY, type Arena } from './arena.ts';
import { type ChaosTask, makeTask } from './chaosTasks.ts';
import type { SeededRandom } from './seededRandom.ts';

export interface Acknowledged extends ChaosTask {
  taskId: string;
}

interface SubmitPlan {
  tasks: number;
  /** Mean time between two tasks. */
  paceMs: number;
  random: SeededRandom;
  onAcknowledged: (task: Acknowledged) => void;
}

const SUBMITTERS = 4;
const RETRY_MS = 100;
const ANSWER_MS = 5_000;

/** Submits tasks beside each other, each again and again under its own key until it is acknowledged. */
export async function submitTasks(arena: Arena, plan: SubmitPlan): Promise<{ retries: number }> {
  const { url, workspace } = arena;
  const client = createClient({ url, apiKey: API_KEY, timeoutMs: ANSWER_MS });
  let next = 0;
  let retries = 0;

  async function submitUntilAcknowledged(task: ChaosTask): Promise<string> {
    const { payload, idempotencyKey } = task;
    for (;;) {
      try {
        return (await client.submitTask(payload, { idempotencyKey })).task_id;
      } catch (error) {
        if (!mayPass(error)) throw error;
        retries += 1;
        await delay(RETRY_MS);
      }
    }
  }

  async function submitter(): Promise<void> {
    while (next < plan.tasks) {
      const task = makeTask(workspace, next++);
      plan.onAcknowledged({ ...task, taskId: await submitUntilAcknowledged(task) });
      await delay(plan.random.next() * 2 * plan.paceMs * SUBMITTERS);
    }
  }

  await Promise.all(Array.from({ length: SUBMITTERS }, submitter));
  return { retries };
}

/** Anything else than an outage is a fault of the service. */
function mayPass(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof ApiProblem && error.problem.retryable);
}
