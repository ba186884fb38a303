import type { ModelCard, ModelDimensions } from './card.ts';

const BYTES_PER_MIB = 1_048_576;
/** Half precision, which the runtimes use for the cache. */
const BYTES_PER_CACHED_VALUE = 2;
const BYTES_PER_FLOAT = 4;
/** Tokens that llama.cpp works on at once. */
const BATCH = 512;
/** CUDA's own context and what the estimate does not know; llama.cpp keeps the same distance by itself. */
const MARGIN_BYTES = 1_073_741_824;

export interface MemoryUse {
  /** Tokens of context that each answer has. */
  contextTokens: number;
  /** Answers that are made at once; each has a cache of its own. */
  slots: number;
}

/** What a model takes of a GPU, in bytes. */
export interface MemoryNeed {
  weights: number;
  /** Keys and values, and the state of layers without attention, of all slots. */
  cache: number;
  compute: number;
  margin: number;
}

/**
 * Memory of a GPU, in MiB, that a model needs: weights + cache + compute buffer + 1 GiB. Undefined when the card does not
 * tell its size and dimensions.
 */
export function memoryNeededMiB(
  card: Pick<ModelCard, 'file_bytes' | 'dimensions'>,
  contextTokens: number,
  slots = 1,
): number | undefined {
  const { file_bytes: weights, dimensions } = card;
  if (weights === undefined || dimensions === undefined) return undefined;
  const need = memoryNeed(weights, dimensions, { contextTokens, slots });
  return Math.ceil((need.weights + need.cache + need.compute + need.margin) / BYTES_PER_MIB);
}

/** The same by its parts. A mixture of experts is like a dense model: all of its experts are weights. */
export function memoryNeed(
  weights: number,
  dimensions: ModelDimensions,
  use: MemoryUse,
): MemoryNeed {
  const { state_bytes: state = 0 } = dimensions;
  const cache = (cacheBytes(dimensions.attention, use.contextTokens) + state) * use.slots;
  return { weights, cache, compute: computeBytes(dimensions), margin: MARGIN_BYTES };
}

/** Keys and values of one answer. Compared with llama.cpp's own allocation: exact for `full`. */
function cacheBytes(attention: ModelDimensions['attention'], contextTokens: number): number {
  switch (attention.kind) {
    case 'full':
      return attention.layers * keysAndValues(attention) * contextTokens;
    case 'sliding_window': {
      // A window that moves on by a batch at a time keeps that batch as well.
      const kept = Math.min(contextTokens, attention.window_tokens + BATCH);
      const tokens = attention.layers * contextTokens + attention.window_layers * kept;
      return keysAndValues(attention) * tokens;
    }
    case 'latent': {
      const values = attention.rank + attention.rope;
      return attention.layers * values * BYTES_PER_CACHED_VALUE * contextTokens;
    }
  }
}

/** Of one token in one layer. */
function keysAndValues({ kv_heads, head_dim }: { kv_heads: number; head_dim: number }): number {
  return 2 * kv_heads * head_dim * BYTES_PER_CACHED_VALUE;
}

/** The logits of a batch are the largest part; compared with llama.cpp's own allocation: 0.03 GiB at most. */
function computeBytes({ vocabulary, embedding }: ModelDimensions): number {
  return BATCH * (vocabulary + 4 * embedding) * BYTES_PER_FLOAT;
}
