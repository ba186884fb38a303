import * as z from 'zod';
import { Language } from '../task/payload.ts';

/** Dimensions that the VRAM arithmetic needs; read from the GGUF header or the model's own configuration. */
export const ModelDimensions = z.strictObject({
  /** Layers whose attention spans the whole context. */
  full_attention_layers: z.int().positive(),
  kv_heads: z.int().positive(),
  head_dim: z.int().positive(),
  vocabulary: z.int().positive(),
  embedding: z.int().positive(),
});
export type ModelDimensions = z.infer<typeof ModelDimensions>;

export const ProviderName = z.enum(['openai-compatible', 'replay', 'scaffold']);
export type ProviderName = z.infer<typeof ProviderName>;

/** What is known of a model. Sizes in bytes, contexts in tokens. */
export const ModelCard = z.strictObject({
  id: z.string().min(1).max(128),
  provider: ProviderName,
  /** Name of the server that serves it, as in MODEL_SERVERS; absent when it is not served. */
  server: z.string().optional(),
  family: z.string(),
  parameters_billion: z.number().positive().optional(),
  quantisation: z.string().optional(),
  file_bytes: z.int().positive().optional(),
  context_tokens: z.int().positive(),
  /** Absent: any language. */
  languages: z.array(Language).optional(),
  edit_format: z.enum(['whole', 'search_replace']).default('whole'),
  licence: z.string(),
  dimensions: ModelDimensions.optional(),
  /** Greater is tried first among the eligible. */
  preference: z.int(),
  /** False for the scaffold and for recorded answers. */
  llm: z.boolean(),
});
export type ModelCard = z.infer<typeof ModelCard>;
