import type { ModelCard, ModelDimensions } from './card.ts';

const BYTES_PER_MIB = 1_048_576;
/** Half precision, which the runtimes use for the cache. */
const BYTES_PER_CACHED_VALUE = 2;
const BYTES_PER_FLOAT = 4;
/** Tokens that llama.cpp works on at once. */
const BATCH = 512;
/** CUDA's own context and what the estimate does not know; llama.cpp keeps the same distance by itself. */
const MARGIN_BYTES = 1_073_741_824;

/**
 * Memory of a GPU, in MiB, that a model needs with `contextTokens` of context in each of `slots` parallel answers:
 * weights + key-value cache + compute buffer + 1 GiB. Undefined when the card does not tell its size and dimensions.
 */
export function memoryNeededMiB(
  card: Pick<ModelCard, 'file_bytes' | 'dimensions'>,
  contextTokens: number,
  slots = 1,
): number | undefined {
  const { file_bytes: weights, dimensions } = card;
  if (weights === undefined || dimensions === undefined) return undefined;
  const cache = cacheBytes(dimensions, contextTokens) * slots;
  return Math.ceil((weights + cache + computeBytes(dimensions) + MARGIN_BYTES) / BYTES_PER_MIB);
}

/** Keys and values of every layer that attends to the whole context. */
function cacheBytes(dimensions: ModelDimensions, contextTokens: number): number {
  const { full_attention_layers: layers, kv_heads: heads, head_dim: width } = dimensions;
  return 2 * layers * heads * width * BYTES_PER_CACHED_VALUE * contextTokens;
}

/** The logits of a batch are the largest part; checked against llama.cpp's own allocation to 0.03 GiB. */
function computeBytes({ vocabulary, embedding }: ModelDimensions): number {
  return BATCH * (vocabulary + 4 * embedding) * BYTES_PER_FLOAT;
}
