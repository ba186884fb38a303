import type { ModelCard } from '../../lib/models/card.ts';

/** A served model of 7 billion parameters, with whatever a test wants to be different. */
export function modelCard(overrides: Partial<ModelCard> = {}): ModelCard {
  return {
    id: 'coder-7b',
    provider: 'openai-compatible',
    server: 'bench',
    family: 'coder',
    context_tokens: 32_768,
    edit_format: 'whole',
    licence: 'Apache-2.0',
    preference: 40,
    llm: true,
    ...overrides,
  };
}

/** The same model when no server serves it: `server` is absent, size and dimensions are known. */
export function unservedCard(overrides: Partial<ModelCard> = {}): ModelCard {
  const { server: _, ...card } = modelCard();
  return {
    ...card,
    file_bytes: 4_680_000_000,
    dimensions: {
      attention: { kind: 'full', layers: 28, kv_heads: 4, head_dim: 128 },
      vocabulary: 152_064,
      embedding: 3_584,
    },
    ...overrides,
  };
}
