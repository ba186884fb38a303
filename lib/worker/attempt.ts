import { Refusal } from '../kernel/errors.ts';
import type { TaskId } from '../kernel/ids.ts';
import { removeTree } from '../sandbox/workspace/removeTree.ts';
import type { Claim } from '../store/claim.ts';
import type { Logger } from '../telemetry/telemetry.ts';
import {
  CancelRequested,
  DeadlineReached,
  LeaseLost,
  WaitsForModel,
  WorkerDraining,
} from './endings.ts';
import { taskFolders } from './folders.ts';
import { holdLease } from './lease.ts';
import { patientStore } from './patientStore.ts';
import { type Ended, endedByFailure, runTask } from './runTask.ts';
import type { WorkerDeps } from './workerDeps.ts';

export interface Attempt {
  taskId: TaskId;
  /** Something happened to the task: ask the database whether it was cancelled. */
  poke(): void;
  /** Resolves when nothing of the attempt is left; never rejects. */
  done: Promise<void>;
}

interface Circumstances {
  draining: AbortSignal;
  /** Resolves when nothing is left of earlier attempts of the task in this process; the lease is held meanwhile. */
  before: Promise<unknown>;
}

/** Runs a claimed task under its lease and ends the attempt: the one place that does. */
export function startAttempt(
  deps: WorkerDeps,
  claim: Claim,
  { draining, before }: Circumstances,
): Attempt {
  const { taskId, fence, attempt } = claim;
  const logger = deps.telemetry.logger.with({ task_id: taskId, attempt, fence });
  const { store, clock } = deps;
  const lease = holdLease({ store, claim, leaseMs: deps.config.leaseMs, clock, logger });
  const signal = AbortSignal.any([lease.signal, draining]);

  async function run(): Promise<void> {
    const parent = claim.traceparent ?? undefined;
    const options = { parent, attributes: { 'task.id': taskId, 'task.attempt': attempt } };
    await deps.telemetry.tracer.span('task', options, async () => {
      try {
        await before;
        signal.throwIfAborted();
        const patient = { ...deps, store: patientStore(store, signal) };
        const ended = await runTask(patient, claim, signal);
        const held = { ...deps, store: patientStore(store, lease.signal) };
        await finish(held, claim, ended, logger);
      } catch (error) {
        await endStopped(deps, claim, error, logger);
      }
    });
  }

  const done = run()
    .catch((error: unknown) => {
      // The database is away: the lease lapses and another attempt goes on from the journal.
      logger.error('the attempt could not be ended', { error: describe(error) });
    })
    .finally(() => lease.release());
  return { taskId, poke: lease.poke, done };
}

async function finish(deps: WorkerDeps, claim: Claim, ended: Ended, logger: Logger): Promise<void> {
  const { taskId, fence } = claim;
  const outcome = await deps.store.finishTask({ taskId, fence, ...ended });
  const fields = { outcome, status: ended.status, verdict: ended.verdict?.name };
  logger.info('attempt ended', fields);
  const { metrics } = deps.telemetry;
  metrics.put('TaskFinished', 1, 'Count', { Status: ended.status });
  if (outcome !== 'finished' || ended.status !== 'succeeded') return;
  await removeTree(taskFolders(deps.config.agentHome, taskId).root);
}

async function endStopped(
  deps: WorkerDeps,
  claim: Claim,
  error: unknown,
  logger: Logger,
): Promise<void> {
  const { taskId, fence } = claim;
  if (error instanceof LeaseLost) {
    logger.warn('the lease was lost; nothing more is written');
    return;
  }
  if (error instanceof CancelRequested) {
    logger.info('cancelled', { outcome: await deps.store.confirmCancelled({ taskId, fence }) });
    return;
  }
  if (error instanceof WaitsForModel) {
    const held = { taskId, fence, why: error.message, wakeAt: error.wakeAt };
    logger.info('waits for a model', { outcome: await deps.store.handBackToWait(held) });
    return;
  }
  if (error instanceof WorkerDraining) {
    logger.info('handed back', { outcome: await deps.store.handBack({ taskId, fence }) });
    return;
  }
  if (error instanceof Refusal && error.kind === 'unavailable') throw error;
  const usage = await deps.store.usageOf(taskId);
  await finish(deps, claim, endedByFailure(failureOf(error), usage), logger);
  if (!(error instanceof DeadlineReached))
    logger.error('attempt failed', { error: describe(error) });
}

function failureOf(error: unknown): Parameters<typeof endedByFailure>[0] {
  if (error instanceof DeadlineReached) {
    return {
      code: 'budget_exhausted',
      message: error.message,
      remedy: 'Submit again with a greater constraints.latency_ms, or resume the task.',
    };
  }
  return {
    code: 'internal_error',
    message: error instanceof Error ? error.message : String(error),
    remedy: 'The worker log has the details; `agentctl resume` tries again from the journal.',
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
