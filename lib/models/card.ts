import * as z from 'zod';
import { Language } from '../task/payload.ts';

const count = z.int().positive();

/** Layers that keep keys and values of every token; `layers` are those alone. */
const FullAttention = z.strictObject({
  kind: z.literal('full'),
  layers: count,
  kv_heads: count,
  head_dim: count,
});

/** Some layers keep the whole context, the others the latest `window_tokens` only. */
const SlidingWindow = z.strictObject({
  kind: z.literal('sliding_window'),
  /** Layers whose attention spans the whole context; 0 where every layer has a window. */
  layers: z.int().min(0),
  window_layers: count,
  window_tokens: count,
  kv_heads: count,
  head_dim: count,
});

/** Multi-head latent attention (MLA): each layer keeps one compressed vector a token. */
const LatentAttention = z.strictObject({
  kind: z.literal('latent'),
  layers: count,
  rank: count,
  rope: count,
});

/** What the memory arithmetic needs, as the GGUF header or the model's own configuration gives it. */
export const ModelDimensions = z.strictObject({
  attention: z.discriminatedUnion('kind', [FullAttention, SlidingWindow, LatentAttention]),
  /** State of the layers without attention (Mamba, gated delta nets), for each answer that is made at once. */
  state_bytes: count.optional(),
  /** Mixture of experts. All of them lie in memory, so this changes speed and not size. */
  experts: z.strictObject({ total: count, used: count }).optional(),
  vocabulary: count,
  embedding: count,
  /** `simulated`: compared with llama.cpp's own allocation; `published`: from the model's configuration. */
  known_from: z.enum(['simulated', 'published', 'assumed', 'gguf']).optional(),
});
export type ModelDimensions = z.infer<typeof ModelDimensions>;

export const ProviderName = z.enum([
  'openai-compatible',
  'ollama',
  'embedded',
  'anthropic',
  'openai',
  'replay',
  'scaffold',
]);
export type ProviderName = z.infer<typeof ProviderName>;

/** What is known of a model. Sizes in bytes, contexts in tokens. */
export const ModelCard = z.strictObject({
  id: z.string().min(1).max(128),
  provider: ProviderName,
  /** Name of the server that serves it, as in MODEL_SERVERS; absent when it is not served. */
  server: z.string().optional(),
  family: z.string(),
  parameters_billion: z.number().positive().optional(),
  /** Of a mixture of experts: what works on one token. */
  active_parameters_billion: z.number().positive().optional(),
  quantisation: z.string().optional(),
  file_bytes: count.optional(),
  /** Where the file is to be had. */
  source: z.url({ protocol: /^https?$/ }).optional(),
  /** Of the file at `source`, in hex. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits in lower case')
    .optional(),
  /** Its name in Ollama's library, for example `qwen2.5-coder:7b`. */
  ollama: z.string().min(1).max(128).optional(),
  context_tokens: count,
  /** Absent: any language. */
  languages: z.array(Language).optional(),
  /** In lower case. Absent: any framework. */
  frameworks: z.array(z.string().min(1).max(64).lowercase()).optional(),
  edit_format: z.enum(['whole', 'search_replace']).default('whole'),
  licence: z.string().min(1),
  dimensions: ModelDimensions.optional(),
  /** Greater is tried first among the eligible. */
  preference: z.int(),
  /** Of a model in a process of ours whose runtime knows no GPU: it takes the memory of the machine. */
  runs_on: z.literal('processor').optional(),
  /** False for the scaffold and for recorded answers. */
  llm: z.boolean(),
});
export type ModelCard = z.infer<typeof ModelCard>;
