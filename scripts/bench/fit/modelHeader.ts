import type { ModelCard, ModelDimensions } from '../../../lib/models/card.ts';
import type { HeaderTensor, Metadata, TensorType } from './headerParts.ts';
import { latentTensors } from './latentTensors.ts';
import type { Shape } from './shapes.ts';

type Card = Pick<ModelCard, 'id' | 'context_tokens'> & { dimensions: ModelDimensions };

/** The head of a GGUF file with the numbers of a card, in the mix of types that Q4_K_M (or MXFP4) has. */
export function modelHeader(
  card: Card,
  shape: Shape,
): { metadata: Metadata; tensors: HeaderTensor[] } {
  return { metadata: metadataOf(card, shape), tensors: tensorsOf(card, shape) };
}

function metadataOf({ id, context_tokens, dimensions }: Card, shape: Shape): Metadata {
  const { embedding, vocabulary, experts, attention } = dimensions;
  const { arch, heads, feedForward, expertFeedForward } = shape;
  const own: Metadata = {
    context_length: context_tokens,
    embedding_length: embedding,
    block_count: layersOf(attention),
    feed_forward_length: feedForward,
    vocab_size: vocabulary,
    'attention.head_count': heads,
    'attention.layer_norm_rms_epsilon': { float: 1e-6 },
    'rope.freq_base': { float: 1e6 },
    ...attentionMetadata(attention),
    ...(experts && {
      expert_count: experts.total,
      expert_used_count: experts.used,
      expert_feed_forward_length: expertFeedForward ?? feedForward,
    }),
  };
  return {
    'general.architecture': arch,
    'general.name': `header of ${id}`,
    'general.file_type': 15,
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${arch}.${key}`, value])),
    'tokenizer.ggml.model': 'no_vocab',
  };
}

function attentionMetadata(attention: ModelDimensions['attention']): Metadata {
  if (attention.kind === 'latent') {
    const { rank, rope } = attention;
    return {
      'attention.head_count_kv': 1,
      'attention.q_lora_rank': 768,
      'attention.kv_lora_rank': rank,
      'attention.key_length': rank + rope,
      'attention.value_length': rank,
      'attention.key_length_mla': 256,
      'attention.value_length_mla': 256,
      'rope.dimension_count': rope,
      leading_dense_block_count: 1,
      expert_shared_count: 1,
      expert_gating_func: 2,
      expert_weights_scale: { float: 1.8 },
    };
  }
  const { head_dim, kv_heads } = attention;
  return {
    'attention.head_count_kv': kv_heads,
    'attention.key_length': head_dim,
    'attention.value_length': head_dim,
    'rope.dimension_count': head_dim,
    ...(attention.kind === 'sliding_window' && {
      'attention.sliding_window': attention.window_tokens,
    }),
  };
}

export function layersOf(attention: ModelDimensions['attention']): number {
  return attention.kind === 'sliding_window'
    ? attention.layers + attention.window_layers
    : attention.layers;
}

function tensorsOf({ dimensions }: Card, shape: Shape): HeaderTensor[] {
  const { embedding, vocabulary, attention } = dimensions;
  const layers = layersOf(attention);
  const whole: HeaderTensor[] = [
    {
      name: 'token_embd.weight',
      shape: [embedding, vocabulary],
      type: shape.tied ? 'Q6_K' : 'Q4_K',
    },
    { name: 'output_norm.weight', shape: [embedding], type: 'F32' },
  ];
  if (!shape.tied)
    whole.push({ name: 'output.weight', shape: [embedding, vocabulary], type: 'Q6_K' });
  for (let layer = 0; layer < layers; layer++) {
    const own = layerTensors(dimensions, shape, { layer, layers });
    whole.push(...own.map((tensor) => ({ ...tensor, name: `blk.${layer}.${tensor.name}` })));
  }
  return whole;
}

function layerTensors(
  dimensions: ModelDimensions,
  shape: Shape,
  at: { layer: number; layers: number },
): HeaderTensor[] {
  const { attention, experts } = dimensions;
  // Q4_K_M keeps the first and last eighth, and every third between, more exactly.
  const eighth = Math.floor(at.layers / 8);
  const isFine =
    at.layer < eighth ||
    at.layer >= Math.floor((7 * at.layers) / 8) ||
    (at.layer - eighth) % 3 === 2;
  const fine = isFine ? 'Q6_K' : 'Q4_K';
  if (attention.kind === 'latent') {
    return [
      ...latentTensors(dimensions.embedding, attention, shape.heads),
      ...(at.layer === 0
        ? dense(dimensions.embedding, shape, fine)
        : mixture(dimensions, shape, fine)),
    ];
  }
  const feed = experts
    ? mixture(dimensions, shape, fine)
    : dense(dimensions.embedding, shape, fine);
  return [...plainAttention(dimensions.embedding, attention, { shape, fine }), ...feed];
}

function plainAttention(
  embedding: number,
  { kv_heads, head_dim }: { kv_heads: number; head_dim: number },
  { shape, fine }: { shape: Shape; fine: TensorType },
): HeaderTensor[] {
  const { arch, heads } = shape;
  const [asked, kept] = [heads * head_dim, kv_heads * head_dim];
  const line = (name: string, length: number): HeaderTensor => ({
    name,
    shape: [length],
    type: 'F32',
  });
  const isBiased = arch === 'qwen2' || arch === 'gpt-oss';
  return [
    line('attn_norm.weight', embedding),
    { name: 'attn_q.weight', shape: [embedding, asked], type: 'Q4_K' },
    { name: 'attn_k.weight', shape: [embedding, kept], type: 'Q4_K' },
    { name: 'attn_v.weight', shape: [embedding, kept], type: fine },
    { name: 'attn_output.weight', shape: [asked, embedding], type: 'Q4_K' },
    ...(isBiased
      ? [line('attn_q.bias', asked), line('attn_k.bias', kept), line('attn_v.bias', kept)]
      : []),
    ...(arch === 'qwen3moe'
      ? [line('attn_q_norm.weight', head_dim), line('attn_k_norm.weight', head_dim)]
      : []),
    ...(arch === 'gpt-oss'
      ? [
          line('attn_output.bias', embedding),
          line('attn_sinks.weight', heads),
          line('post_attention_norm.weight', embedding),
        ]
      : [line('ffn_norm.weight', embedding)]),
  ];
}

function dense(embedding: number, { feedForward }: Shape, fine: TensorType): HeaderTensor[] {
  return [
    { name: 'ffn_gate.weight', shape: [embedding, feedForward], type: 'Q4_K' },
    { name: 'ffn_up.weight', shape: [embedding, feedForward], type: 'Q4_K' },
    { name: 'ffn_down.weight', shape: [feedForward, embedding], type: fine },
  ];
}

function mixture(
  { embedding, experts }: ModelDimensions,
  { arch, feedForward, expertFeedForward: wide = feedForward }: Shape,
  fine: TensorType,
): HeaderTensor[] {
  const total = experts?.total ?? 1;
  const isOss = arch === 'gpt-oss';
  const inner = isOss ? 'MXFP4' : 'Q4_K';
  const bias = (name: string, shape: number[]): HeaderTensor => ({ name, shape, type: 'F32' });
  return [
    { name: 'ffn_gate_inp.weight', shape: [embedding, total], type: 'F32' },
    { name: 'ffn_gate_exps.weight', shape: [embedding, wide, total], type: inner },
    { name: 'ffn_up_exps.weight', shape: [embedding, wide, total], type: inner },
    { name: 'ffn_down_exps.weight', shape: [wide, embedding, total], type: isOss ? inner : fine },
    ...(isOss
      ? [
          bias('ffn_gate_inp.bias', [total]),
          bias('ffn_gate_exps.bias', [wide, total]),
          bias('ffn_up_exps.bias', [wide, total]),
          bias('ffn_down_exps.bias', [embedding, total]),
        ]
      : []),
    ...(arch === 'deepseek2'
      ? [
          bias('exp_probs_b.bias', [total]),
          { name: 'ffn_gate_shexp.weight', shape: [embedding, wide], type: inner } as const,
          { name: 'ffn_up_shexp.weight', shape: [embedding, wide], type: inner } as const,
          { name: 'ffn_down_shexp.weight', shape: [wide, embedding], type: fine },
        ]
      : []),
  ];
}
