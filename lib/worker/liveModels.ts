import type { Catalog } from '../llm/catalog.ts';
import type { CallableModels } from './workerDeps.ts';

/** The models that can be called now: the catalog of the last look, replaced as a whole by the next one. */
export async function liveModels(
  look: (signal: AbortSignal) => Promise<Catalog>,
  signal: AbortSignal,
): Promise<CallableModels> {
  let catalog = await look(signal);
  return {
    cards: () => catalog.cards,
    troubles: () => catalog.troubles,
    candidatesFor: (goal) => catalog.candidatesFor(goal),
    has: (modelId) => catalog.has(modelId),
    providerFor: (modelId) => catalog.providerFor(modelId),
    refresh: async (stop) => {
      catalog = await look(stop);
    },
  };
}
