import { type Solved, solve } from '../agents/solve.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { Claim } from '../store/claim.ts';
import type { Failure } from '../task/failure.ts';
import type { Patch } from '../task/patch.ts';
import type { Verdict } from '../task/verdict.ts';
import { type ModelUsed, NO_USAGE, type TaskResult } from '../task/view.ts';
import { applyResult, notApplied } from './applyStep.ts';
import { DeadlineReached } from './endings.ts';
import { taskFolders } from './folders.ts';
import { AttemptJournal } from './journal.ts';
import { prepare } from './prepare.ts';
import { route } from './routeStep.ts';
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
  const prepared = await prepare({ payload, folders, workingDirectory, workspaceRoot, signal });
  if (prepared.kind === 'failed') return failedWith(prepared.failure, null);

  const latencyMs = payload.input.constraints.latency_ms;
  const deadline = (claim.startedAt + latencyMs) as EpochMs;
  using budget = timeBudget(deps.clock.now(), deadline, latencyMs);
  const bounded = AbortSignal.any([signal, budget.signal]);
  const { baseTreeHash, repository } = prepared;
  const { store, clock, telemetry } = deps;
  const journal = await AttemptJournal.open({
    ...{ store, clock, telemetry, claim, baseTreeHash, folders },
    signal: bounded,
  });
  const routed = await route(deps, { claim, journal, deadline, signal: bounded });
  if (routed.kind === 'none') return failedWith(routed.failure, null);

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
      clock,
      random: deps.random,
      signal: bounded,
    },
  );
  if (solved.kind === 'failed') return failedWith(solved.failure, used, solved);
  const apply = await applyResult(deps, { claim, repository, solved, journal });
  const { proof, usage, files, verdict, patch } = solved;
  const result = { proof, model: used, usage, files, apply };
  return { status: 'succeeded', verdict, failure: null, result, patch };
}

/** An attempt that ended in `failure`, with whatever the agents still had in hand. */
function failedWith(
  failure: Failure,
  model: ModelUsed | null,
  solved?: Extract<Solved, { kind: 'failed' }>,
): Ended {
  const result: TaskResult = {
    proof: solved?.proof ?? null,
    model,
    usage: solved?.usage ?? NO_USAGE,
    files: [],
    apply: notApplied('the run failed'),
  };
  return { status: 'failed', verdict: null, failure, result, patch: solved?.patch ?? null };
}

function timeBudget(now: EpochMs, deadline: EpochMs, latencyMs: number) {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DeadlineReached(latencyMs)),
    Math.max(0, deadline - now),
  );
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

/** An attempt that broke off: nothing of it is known but why. */
export function endedByFailure(failure: Failure): Ended {
  return failedWith(failure, null);
}
