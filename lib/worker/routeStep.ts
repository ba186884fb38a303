import type { EpochMs } from '../kernel/clock.ts';
import { ModelCard } from '../models/card.ts';
import { type Routed, routeTask } from '../router/route.ts';
import type { Claim } from '../store/claim.ts';
import type { Failure } from '../task/failure.ts';
import type { ModelUsed } from '../task/view.ts';
import type { AttemptJournal } from './journal.ts';
import { waitForModel } from './waitForModel.ts';
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
  if (routed.chosen === null) return { kind: 'none', failure: noModel(deps, routed) };
  const card = ModelCard.parse(routed.chosen);
  const used = { id: card.id, provider: card.provider, llm: card.llm, why: routed.why };
  return { kind: 'routed', card, used };
}

async function decide(deps: WorkerDeps, options: RouteOptions): Promise<Routed> {
  const { claim, journal, deadline, signal } = options;
  if (deps.config.whenNoModel !== 'wait') return judge(deps, claim);
  const first = await judge(deps, claim);
  if (first.chosen !== undefined) return first;
  return waitForModel({
    look: async () => {
      await deps.models.refresh(signal);
      return judge(deps, claim);
    },
    tell: ({ refused }) =>
      journal.emit({
        type: 'log.appended',
        data: {
          step: 'route',
          source: 'worker',
          text: `waiting for a model that can take this task (${reasonsOf(refused)})\n`,
        },
      }),
    until: (deadline - SAY_SO_MS) as EpochMs,
    clock: deps.clock,
    signal,
  });
}

async function judge(deps: WorkerDeps, { payload }: Claim): Promise<Routed> {
  const { config, models, probe, speeds } = deps;
  return routeTask({
    payload,
    candidates: models.candidatesFor(payload.input.goal),
    gpu: await probe.read(),
    promptTokensEstimate: Math.ceil(payload.input.goal.length / 4),
    policy: config.modelPolicy,
    speeds: speeds.all(),
    scaffold: config.whenNoModel === 'scaffold',
  });
}

function noModel({ config }: WorkerDeps, { refused }: Pick<Routed, 'refused'>): Failure {
  const waited = config.whenNoModel === 'wait' ? ' in the time it had' : '';
  return {
    code: 'no_eligible_model',
    message: `no model can take this task${waited} (${reasonsOf(refused)})`,
    remedy:
      'Start a model server, or set MODEL_SERVERS; `agentctl models` shows what is found and why it cannot be used.',
  };
}

function reasonsOf(refused: Routed['refused']): string {
  const reasons = refused.map(({ model, reasons: why }) => `${model}: ${why.join('; ')}`);
  return reasons.join(' | ') || 'none is known';
}
