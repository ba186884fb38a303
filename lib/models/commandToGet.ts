import type { ModelCard } from './card.ts';

/** The one command that brings a model to this machine; undefined where it is published in several places or parts. */
export function commandToGet(
  card: Pick<ModelCard, 'id' | 'source' | 'ollama'>,
  { hasOllama }: { hasOllama: boolean },
): string | undefined {
  const fromOllama = card.ollama === undefined ? undefined : `ollama pull ${card.ollama}`;
  if (hasOllama && fromOllama !== undefined) return fromOllama;
  return card.source === undefined ? fromOllama : `npx agentctl models pull ${card.id}`;
}
