import { ModelDimensions } from '../card.ts';
import { GgufError } from './ggufError.ts';
import type { GgufHeader } from './ggufHeader.ts';
import type { GgufValue } from './ggufValue.ts';

/** What a card tells of a model, as its file has it. */
export interface ModelFacts {
  name: string | undefined;
  architecture: string;
  parameters: number;
  quantisation: string | undefined;
  /** Of this file. */
  fileBytes: number;
  contextTokens: number;
  licence: string | undefined;
  dimensions: ModelDimensions;
  /** 1 unless the model is spread over several files. */
  files: number;
}

const BYTES_PER_FLOAT = 4;

/** Every how many layers one keeps the whole context, where a file tells its window and not its pattern. */
const WINDOW_PATTERNS: Readonly<Record<string, number>> = {
  'gpt-oss': 2,
  gemma2: 2,
  gemma3: 6,
  cohere2: 4,
};

/** By the numbers of llama.cpp's `llama_ftype`. */
const FILE_TYPES: Readonly<Record<number, string>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  7: 'Q8_0',
  8: 'Q5_0',
  9: 'Q5_1',
  10: 'Q2_K',
  11: 'Q3_K_S',
  12: 'Q3_K_M',
  13: 'Q3_K_L',
  14: 'Q4_K_S',
  15: 'Q4_K_M',
  16: 'Q5_K_S',
  17: 'Q5_K_M',
  18: 'Q6_K',
  25: 'IQ4_NL',
  30: 'IQ4_XS',
  32: 'BF16',
  38: 'MXFP4',
};

/** Throws `GgufError` when the header lacks what a language model has. */
export function modelFacts(header: GgufHeader): ModelFacts {
  const { metadata, parameters, fileBytes } = header;
  const architecture = text(metadata.get('general.architecture'));
  if (architecture === undefined) throw lacks('general.architecture');
  const fields = new Fields(metadata, architecture);
  const fileType = metadata.get('general.file_type');
  return {
    name: text(metadata.get('general.name')),
    architecture,
    parameters,
    quantisation: typeof fileType === 'number' ? FILE_TYPES[fileType] : undefined,
    fileBytes,
    contextTokens: fields.required('context_length'),
    licence: text(metadata.get('general.license')),
    dimensions: dimensionsOf(fields, metadata),
    files: Math.max(1, numeric(metadata.get('split.count')) ?? 1),
  };
}

class Fields {
  readonly architecture: string;
  readonly #metadata: GgufHeader['metadata'];

  constructor(metadata: GgufHeader['metadata'], architecture: string) {
    this.#metadata = metadata;
    this.architecture = architecture;
  }

  number(key: string): number | undefined {
    return numeric(this.#metadata.get(`${this.architecture}.${key}`));
  }

  required(key: string): number {
    const value = this.number(key);
    if (value === undefined || value <= 0) throw lacks(`${this.architecture}.${key}`);
    return value;
  }

  /** One number a layer; undefined where the file has one number for all of them. */
  list(key: string): number[] | undefined {
    const value = this.#metadata.get(`${this.architecture}.${key}`);
    return typeof value === 'object' ? value.items : undefined;
  }
}

function dimensionsOf(fields: Fields, metadata: GgufHeader['metadata']): ModelDimensions {
  const embedding = fields.required('embedding_length');
  const experts = fields.number('expert_count') ?? 0;
  const state = stateBytes(fields);
  const parsed = ModelDimensions.safeParse({
    attention: attentionOf(fields, embedding),
    ...(state > 0 ? { state_bytes: state } : {}),
    ...(experts > 0
      ? { experts: { total: experts, used: fields.number('expert_used_count') } }
      : {}),
    vocabulary: vocabularyOf(fields, metadata),
    embedding,
    known_from: 'gguf',
  });
  if (parsed.success) return parsed.data;
  const flaws = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new GgufError('damaged', `damaged: its dimensions make no model: ${flaws.join('; ')}`);
}

/** Falls back to the larger need: a window whose pattern is not known counts as whole layers. */
function attentionOf(fields: Fields, embedding: number): unknown {
  const rank = fields.number('attention.kv_lora_rank');
  const all = fields.required('block_count');
  if (rank !== undefined) {
    return { kind: 'latent', layers: all, rank, rope: fields.required('rope.dimension_count') };
  }
  const heads = fields.required('attention.head_count');
  const width = Math.floor(embedding / heads);
  const keys = fields.number('attention.key_length') ?? width;
  const head_dim = Math.ceil((keys + (fields.number('attention.value_length') ?? keys)) / 2);
  const kept = fields.list('attention.head_count_kv')?.filter((count) => count > 0);
  const kv_heads = kept ? Math.max(...kept) : (fields.number('attention.head_count_kv') ?? heads);
  const layers = kept?.length ?? Math.floor(all / (fields.number('full_attention_interval') ?? 1));
  const window_tokens = fields.number('attention.sliding_window') ?? 0;
  const whole = window_tokens > 0 ? wholeLayers(fields, layers) : layers;
  if (whole === layers) return { kind: 'full', layers, kv_heads, head_dim };
  const window_layers = layers - whole;
  return {
    kind: 'sliding_window',
    layers: whole,
    window_layers,
    window_tokens,
    kv_heads,
    head_dim,
  };
}

function wholeLayers(fields: Fields, layers: number): number {
  const told = fields.list('attention.sliding_window_pattern');
  if (told !== undefined) return told.filter((isWindow) => isWindow === 0).length;
  const every =
    fields.number('attention.sliding_window_pattern') ?? WINDOW_PATTERNS[fields.architecture];
  return every === undefined || every <= 1 ? layers : Math.floor(layers / every);
}

/** Layers without attention keep a convolution and a state, both in single precision. */
function stateBytes(fields: Fields): number {
  const inner = fields.number('ssm.inner_size') ?? 0;
  const interval = fields.number('full_attention_interval') ?? 0;
  if (inner === 0 || interval === 0) return 0;
  const all = fields.required('block_count');
  const size = fields.number('ssm.state_size') ?? 0;
  const groups = fields.number('ssm.group_count') ?? 0;
  const kernel = fields.number('ssm.conv_kernel') ?? 1;
  const values = (kernel - 1) * (inner + 2 * groups * size) + size * inner;
  return (all - Math.floor(all / interval)) * values * BYTES_PER_FLOAT;
}

function vocabularyOf(fields: Fields, metadata: GgufHeader['metadata']): number {
  const tokens = metadata.get('tokenizer.ggml.tokens');
  return typeof tokens === 'object' ? tokens.length : fields.required('vocab_size');
}

function numeric(value: GgufValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function text(value: GgufValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function lacks(key: string): GgufError {
  return new GgufError('unsupported', `a GGUF file without a language model: it lacks ${key}`);
}
