import { ModelCard } from '../models/card.ts';
import { routeTask } from '../router/route.ts';
import type { Claim } from '../store/claim.ts';
import type { Failure } from '../task/failure.ts';
import type { ModelUsed } from '../task/view.ts';
import type { AttemptJournal } from './journal.ts';
import type { WorkerDeps } from './workerDeps.ts';

export type Route =
  | { kind: 'routed'; card: ModelCard; used: ModelUsed }
  | { kind: 'none'; failure: Failure };

/** A model that an earlier attempt was given is kept while it can still be called: its finished answers stay usable. */
export async function route(
  deps: WorkerDeps,
  claim: Claim,
  journal: AttemptJournal,
): Promise<Route> {
  const first = await routeOnce(deps, claim, journal);
  if (first.kind === 'none' || deps.models.has(first.card.id)) return first;
  await journal.forgetFrom('route');
  return routeOnce(deps, claim, journal);
}

async function routeOnce(deps: WorkerDeps, claim: Claim, journal: AttemptJournal): Promise<Route> {
  const { payload } = claim;
  const routed = await journal.step({
    key: 'route',
    title: 'Choose a model',
    input: {},
    run: async () => {
      const decision = routeTask({
        payload,
        candidates: deps.models.candidatesFor(payload.input.goal),
        gpu: await deps.probe.read(),
        promptTokensEstimate: Math.ceil(payload.input.goal.length / 4),
      });
      const { chosen = null, why, refused } = decision;
      if (chosen !== null) {
        const { id: model, provider, llm } = chosen;
        await journal.emit({ type: 'model.routed', data: { model, provider, llm, why, refused } });
      }
      return { output: { chosen, why, refused }, ok: chosen !== null, tokens: 0, detail: why };
    },
  });
  if (routed.chosen === null) return { kind: 'none', failure: noModel(routed) };
  const card = ModelCard.parse(routed.chosen);
  const used = { id: card.id, provider: card.provider, llm: card.llm, why: routed.why };
  return { kind: 'routed', card, used };
}

function noModel(routed: { refused: { model: string; reasons: string[] }[] }): Failure {
  const reasons = routed.refused.map(({ model, reasons: why }) => `${model}: ${why.join('; ')}`);
  return {
    code: 'no_eligible_model',
    message: `no model can take this task (${reasons.join(' | ') || 'none is known'})`,
    remedy: 'Start a model server, or set MODEL_SERVERS; `agentctl models` shows what is found.',
  };
}
