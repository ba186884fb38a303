import type { EpochMs } from '../kernel/clock.ts';
import { ModelCard } from '../models/card.ts';
import { type Routed, routeTask } from '../router/route.ts';
import { tokensNeeded } from '../router/tokensNeeded.ts';
import type { Claim } from '../store/claim.ts';
import type { Failure } from '../task/failure.ts';
import type { TaskPayload } from '../task/payload.ts';
import type { ModelUsed } from '../task/view.ts';
import { WaitsForModel } from './endings.ts';
import { sizesOfExpected } from './expectedSizes.ts';
import type { AttemptJournal } from './journal.ts';
import type { WorkerDeps } from './workerDeps.ts';

export type Route =
  | { kind: 'routed'; card: ModelCard; used: ModelUsed }
  | { kind: 'none'; failure: Failure };

interface RouteOptions {
  claim: Claim;
  journal: AttemptJournal;
  deadline: EpochMs;
  signal: AbortSignal;
}

/** What is left of the time when a task that waits for a model gives up, so that it can say so. */
const SAY_SO_MS = 2_000;

/** A model that an earlier attempt was given is kept while it can still be called: its finished answers stay usable. */
export async function route(deps: WorkerDeps, options: RouteOptions): Promise<Route> {
  const first = await routeOnce(deps, options);
  if (first.kind === 'none' || deps.models.has(first.card.id)) return first;
  await options.journal.forgetFrom('route');
  return routeOnce(deps, options);
}

async function routeOnce(deps: WorkerDeps, options: RouteOptions): Promise<Route> {
  const { journal } = options;
  const routed = await journal.step({
    key: 'route',
    title: 'Choose a model',
    input: {},
    run: async () => {
      const { chosen = null, why, refused } = await decide(deps, options);
      if (chosen !== null) {
        const { id: model, provider, llm } = chosen;
        await journal.emit({ type: 'model.routed', data: { model, provider, llm, why, refused } });
      }
      return { output: { chosen, why, refused }, ok: chosen !== null, tokens: 0, detail: why };
    },
  });
  if (routed.chosen === null)
    return { kind: 'none', failure: noModel(deps, reasonsOf(routed.refused)) };
  const card = ModelCard.parse(routed.chosen);
  const used = { id: card.id, provider: card.provider, llm: card.llm, why: routed.why };
  return { kind: 'routed', card, used };
}

async function decide(deps: WorkerDeps, options: RouteOptions): Promise<Routed> {
  const { claim, journal, deadline, signal } = options;
  const routed = await judge(deps, claim.payload);
  if (routed.chosen !== undefined || deps.config.whenNoModel !== 'wait') return routed;
  await deps.models.refresh(signal);
  const again = await judge(deps, claim.payload);
  const wakeAt = giveUpAt(deadline);
  if (again.chosen !== undefined || deps.clock.now() >= wakeAt) return again;
  const why = reasonsOf(again.refused);
  const text = `waiting for a model that can take this task (${why})\n`;
  await journal.emit({ type: 'log.appended', data: { step: 'route', source: 'worker', text } });
  throw new WaitsForModel(why, wakeAt);
}

/** When a task that waits for a model gives up: so early that it can still say so. */
function giveUpAt(deadline: EpochMs): EpochMs {
  return (deadline - SAY_SO_MS) as EpochMs;
}

/** Why a task that has waited its whole time is not worked on any more; undefined while there is time. */
export function waitedInVain(
  deps: WorkerDeps,
  { waited }: Pick<Claim, 'waited'>,
  deadline: EpochMs,
): Failure | undefined {
  if (waited === null || deps.clock.now() < giveUpAt(deadline)) return undefined;
  return noModel(deps, waited);
}

/** Which model would take the task on this machine now. */
export async function judge(deps: WorkerDeps, payload: TaskPayload): Promise<Routed> {
  const { config, models, probe, speeds } = deps;
  return routeTask({
    payload,
    candidates: models.candidatesFor(payload.input.goal),
    gpu: await probe.read(),
    promptTokensEstimate: Math.ceil(payload.input.goal.length / 4),
    tokensNeeded: tokensNeeded(payload, await sizesOfExpected(config, payload)),
    policy: config.modelPolicy,
    speeds: speeds.all(),
    scaffold: config.whenNoModel === 'scaffold',
  });
}

function noModel({ config }: WorkerDeps, reasons: string): Failure {
  const waited = config.whenNoModel === 'wait' ? ' in the time it had' : '';
  return {
    code: 'no_eligible_model',
    message: `no model can take this task${waited} (${reasons})`,
    remedy:
      'Start a model server, or set MODEL_SERVERS; `agentctl models` shows what is found and why it cannot be used.',
  };
}

function reasonsOf(refused: Routed['refused']): string {
  const reasons = refused.map(({ model, reasons: why }) => `${model}: ${why.join('; ')}`);
  return reasons.join(' | ') || 'none is known';
}
