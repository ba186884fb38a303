import { type Solved, solve } from '../agents/solve.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { Claim } from '../store/claim.ts';
import type { Denial } from '../task/audit.ts';
import type { Failure } from '../task/failure.ts';
import type { Patch } from '../task/patch.ts';
import type { Verdict } from '../task/verdict.ts';
import type { ModelUsed, TaskResult, Usage } from '../task/view.ts';
import { applyResult, notApplied } from './applyStep.ts';
import { openCallLedger } from './callLedger.ts';
import { DeadlineReached, LeaseLost } from './endings.ts';
import { taskFolders } from './folders.ts';
import { AttemptJournal } from './journal.ts';
import { prepare } from './prepare.ts';
import { route, waitedInVain } from './routeStep.ts';
import type { WorkerDeps } from './workerDeps.ts';

/** How an attempt came to its end by itself. */
export interface Ended {
  status: 'succeeded' | 'failed';
  verdict: Verdict | null;
  failure: Failure | null;
  result: TaskResult;
  patch: Patch | null;
}

/**
 * One attempt: prepare > route > solve > apply. Resolves with what is to be written down; throws the abort reason of
 * `signal` when it was stopped from outside, with no process of the task left.
 */
export async function runTask(deps: WorkerDeps, claim: Claim, signal: AbortSignal): Promise<Ended> {
  const folders = taskFolders(deps.config.agentHome, claim.taskId);
  const { payload } = claim;
  const { workingDirectory, workspaceRoot } = deps.config;
  const latencyMs = payload.input.constraints.latency_ms;
  const deadline = (claim.startedAt + latencyMs) as EpochMs;
  const ledger = await openCallLedger({ store: deps.store, clock: deps.clock, claim });
  const { earlier } = ledger;
  const inVain = waitedInVain(deps, claim, deadline);
  if (inVain !== undefined) return failedWith(inVain, earlier);

  using budget = timeBudget(deps.clock.now(), deadline, latencyMs);
  const bounded = AbortSignal.any([signal, budget.signal]);
  const places = { folders, source: deps.source, workingDirectory, workspaceRoot };
  const prepared = await prepare({ payload, ...places, signal: bounded });
  if (prepared.kind === 'failed') {
    await keepOnRecord(deps, claim, prepared.denial);
    return failedWith(prepared.failure, earlier);
  }

  const { baseTreeHash, repository, fetched } = prepared;
  const { store, clock, telemetry } = deps;
  const journal = await AttemptJournal.open({
    ...{ store, clock, telemetry, claim, baseTreeHash, folders },
    signal: bounded,
  });
  if (fetched !== undefined) await journal.emit({ type: 'repo.fetched', data: fetched });
  const routed = await route(deps, { claim, journal, deadline, signal: bounded });
  if (routed.kind === 'none') return failedWith(routed.failure, earlier);

  const { card, used } = routed;
  const solved = await solve(
    {
      payload,
      model: card,
      baseDir: folders.base,
      workDir: folders.work,
      scratchDir: folders.scratch,
      deadline,
    },
    {
      provider: deps.speeds.timed(card.id, deps.models.providerFor(card.id)),
      sandbox: deps.sandbox,
      journal,
      ledger,
      clock,
      random: deps.random,
      signal: bounded,
    },
  );
  if (solved.kind === 'failed')
    return failedWith(solved.failure, solved.usage, { ...solved, used });
  const apply = await applyResult(deps, {
    ...{ claim, repository, solved, journal },
    signal: bounded,
  });
  const { proof, usage, files, verdict, patch } = solved;
  const result = { proof, model: used, usage, files, apply };
  return { status: 'succeeded', verdict, failure: null, result, patch };
}

async function keepOnRecord(
  { store }: WorkerDeps,
  { taskId, fence }: Claim,
  denial: Denial | undefined,
): Promise<void> {
  if (denial === undefined) return;
  const seq = await store.appendDenials({ taskId, fence, denials: [denial] });
  if (seq === undefined) throw new LeaseLost();
}

/** An attempt that ended in `failure`, with whatever the agents still had in hand. */
function failedWith(
  failure: Failure,
  usage: Usage,
  left?: Pick<Extract<Solved, { kind: 'failed' }>, 'proof' | 'patch'> & { used: ModelUsed },
): Ended {
  const result: TaskResult = {
    proof: left?.proof ?? null,
    model: left?.used ?? null,
    usage,
    files: [],
    apply: notApplied('the run failed'),
  };
  return { status: 'failed', verdict: null, failure, result, patch: left?.patch ?? null };
}

function timeBudget(now: EpochMs, deadline: EpochMs, latencyMs: number) {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DeadlineReached(latencyMs)),
    Math.max(0, deadline - now),
  );
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

/** An attempt that broke off: nothing of it is known but why, and what its models have used. */
export function endedByFailure(failure: Failure, usage: Usage): Ended {
  return failedWith(failure, usage);
}
