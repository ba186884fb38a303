import { Refusal } from '../kernel/errors.ts';
import { type Applied, ApplyUnderWay, applyPatch, checkPatch } from '../sandbox/workspace/apply.ts';
import type { PatchClaim } from '../store/patchWork.ts';
import type { NewEvent } from '../task/event.ts';
import { type Patch, reversed } from '../task/patch.ts';
import type { TaskResult } from '../task/view.ts';
import { faultWords } from './faultWords.ts';
import { locateRepository } from './prepare.ts';
import type { WorkerDeps } from './workerDeps.ts';

const AT_ONCE = 10;
/** The workspace is another's for moments only. */
const BUSY_MS = 500;

/**
 * Carries out what was asked of the patches of ended tasks: one after the other, each under its lease. Rejects when the
 * database is away; a request that was not ended is taken up again when its lease has lapsed, and repeating it is harmless.
 */
export async function takePatchRequests(deps: WorkerDeps): Promise<void> {
  const { store, config, workerId } = deps;
  for (;;) {
    const terms = { owner: workerId, leaseMs: config.leaseMs, limit: AT_ONCE };
    const claims = await store.claimPatchRequests(terms);
    for (const claim of claims) await carryOut(deps, claim);
    if (claims.length < AT_ONCE) return;
  }
}

async function carryOut(deps: WorkerDeps, claim: PatchClaim): Promise<void> {
  const { taskId, fence, request } = claim;
  const logger = deps.telemetry.logger.with({ task_id: taskId, fence, request });
  const parent = claim.traceparent ?? undefined;
  const options = { parent, attributes: { 'task.id': taskId } };
  try {
    await deps.telemetry.tracer.span(`patch ${request}`, options, async () => {
      const settled = await settlementOf(deps, claim);
      const outcome = await deps.store.settlePatchRequest({ taskId, fence, ...settled });
      logger.info('request carried out', { outcome, told: settled.event.type });
    });
  } catch (error) {
    if (!(error instanceof ApplyUnderWay)) throw error;
    logger.info('the workspace is busy; the request comes again', { error: error.message });
    await deps.store.postponePatchRequest({ taskId, fence, waitMs: BUSY_MS });
  }
}

interface Settlement {
  event: NewEvent;
  result: TaskResult;
}

async function settlementOf(deps: WorkerDeps, claim: PatchClaim): Promise<Settlement> {
  const { maxAttempts } = deps.config;
  if (claim.tries > maxAttempts) {
    return failed(claim, [], `its worker was lost ${maxAttempts} times`);
  }
  const located = await locateRepository({ payload: claim.payload, ...deps.config });
  if (located.kind === 'failed') return failed(claim, [], located.failure.message);
  const patch = await deps.store.loadPatch(claim.taskId);
  if (patch === undefined) throw new Error(`the patch of task ${claim.taskId} is gone`);
  try {
    return settlementOfOutcome(claim, perform(deps, located.repository, claim.request, patch));
  } catch (error) {
    if (error instanceof ApplyUnderWay || error instanceof Refusal) throw error;
    // What was begun is taken back: no space, no permission, a path that leads elsewhere.
    return failed(claim, [], faultWords(error));
  }
}

function perform(
  { applyStateDir: stateDir }: WorkerDeps,
  root: string,
  request: PatchClaim['request'],
  patch: Patch,
): Applied {
  switch (request) {
    case 'apply':
      return applyPatch({ root, patch, stateDir });
    case 'revert':
      return applyPatch({ root, patch: reversed(patch), stateDir });
    case 'check':
      return checkPatch({ root, patch, stateDir });
  }
}

const DONE = { apply: 'patch.applied', revert: 'patch.reverted', check: 'patch.checked' } as const;

function settlementOfOutcome(claim: PatchClaim, { kind, paths }: Applied): Settlement {
  const { request, result } = claim;
  if (kind === 'conflicted') return failed(claim, paths);
  const event: NewEvent = { type: DONE[request], data: { paths } };
  if (request === 'check') return { event, result };
  const apply =
    request === 'apply'
      ? { state: 'applied' as const, why: 'somebody asked for it', paths }
      : { state: 'reverted' as const, why: 'somebody asked for it', paths: [] };
  return { event, result: { ...result, apply } };
}

/** Nothing was changed. Only an apply leaves a trace in the result: after a failed revert the patch is where it was. */
function failed(claim: PatchClaim, paths: string[], why?: string): Settlement {
  const data = { paths, ...(why === undefined ? {} : { why }) };
  const event: NewEvent = { type: 'patch.conflicted', data };
  if (claim.request !== 'apply') return { event, result: claim.result };
  const told = why ?? 'files changed in the workspace meanwhile';
  const apply = { state: 'conflicted' as const, why: told, paths };
  return { event, result: { ...claim.result, apply } };
}
