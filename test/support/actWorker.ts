import type { AppDeps } from '../../lib/app/app.ts';
import type { TaskId } from '../../lib/kernel/ids.ts';
import type { Claim } from '../../lib/store/claim.ts';
import type { Failure } from '../../lib/task/failure.ts';
import type { Verdict } from '../../lib/task/verdict.ts';
import { NO_USAGE, type TaskResult } from '../../lib/task/view.ts';

export const NO_RESULT: TaskResult = {
  proof: null,
  model: null,
  usage: NO_USAGE,
  files: [],
  apply: { state: 'not_applied', why: 'this test applies nothing', paths: [] },
};

const PROVED: Verdict = { name: 'partially_verified', summary: 'the quick tests passed' };
const GAVE_UP: Failure = { code: 'no_usable_answer', message: 'the model said nothing of use' };

/** Takes the task as a worker would. */
export async function claim({ store }: AppDeps, taskId: string): Promise<Claim> {
  const terms = { owner: 'test-worker', leaseMs: 60_000, maxAttempts: 5 };
  const claimed = await store.claimTask({ taskId: taskId as TaskId, ...terms });
  if (claimed === undefined) throw new Error(`task ${taskId} cannot be claimed`);
  return claimed;
}

/** Appends `count` lines of log to the run. */
export async function say({ store }: AppDeps, held: Claim, count: number): Promise<void> {
  const line = { step: 'code.1', source: 'model' as const, text: 'x = "\n\u2028é😀"' };
  const events = Array.from({ length: count }, () => ({
    type: 'log.appended' as const,
    data: line,
  }));
  await store.appendEvents({ taskId: held.taskId, fence: held.fence, events });
}

export async function succeed({ store }: AppDeps, { taskId, fence }: Claim): Promise<void> {
  const end = { status: 'succeeded', verdict: PROVED, failure: null } as const;
  await store.finishTask({ taskId, fence, ...end, result: NO_RESULT, patch: null });
}

export async function fail({ store }: AppDeps, { taskId, fence }: Claim): Promise<void> {
  const end = { status: 'failed', verdict: null, failure: GAVE_UP } as const;
  await store.finishTask({ taskId, fence, ...end, result: NO_RESULT, patch: null });
}
