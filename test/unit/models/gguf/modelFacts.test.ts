import { describe, expect, test } from 'vitest';
import { memoryNeededMiB } from '../../../../lib/models/fit.ts';
import { readGgufHeader } from '../../../../lib/models/gguf/ggufHeader.ts';
import { modelFacts } from '../../../../lib/models/gguf/modelFacts.ts';
import { fileOf, ggufHeader, type HeaderParts } from '../../../support/ggufHeader.ts';

type Metadata = HeaderParts['metadata'];

async function factsOf(architecture: string, numbers: Record<string, number>, more: Metadata = {}) {
  const fields = Object.entries(numbers).map(([key, u32]) => [`${architecture}.${key}`, { u32 }]);
  const metadata: Metadata = {
    'general.architecture': { text: architecture },
    ...Object.fromEntries(fields),
    ...more,
  };
  return modelFacts(await readGgufHeader(fileOf(ggufHeader({ metadata }))));
}

const DENSE = {
  context_length: 32_768,
  embedding_length: 3_584,
  block_count: 28,
  'attention.head_count': 28,
  'attention.head_count_kv': 4,
  vocab_size: 152_064,
};

describe('what a file tells of its model', () => {
  test('a dense one: the head width follows from the embedding', async () => {
    const facts = await factsOf('qwen2', DENSE, {
      'general.name': { text: 'Qwen2.5 Coder 7B Instruct' },
      'general.license': { text: 'apache-2.0' },
      'general.file_type': { u32: 15 },
    });
    expect(facts).toMatchObject({
      name: 'Qwen2.5 Coder 7B Instruct',
      architecture: 'qwen2',
      quantisation: 'Q4_K_M',
      contextTokens: 32_768,
      licence: 'apache-2.0',
      files: 1,
    });
    expect(facts.dimensions).toEqual({
      attention: { kind: 'full', layers: 28, kv_heads: 4, head_dim: 128 },
      vocabulary: 152_064,
      embedding: 3_584,
      known_from: 'gguf',
    });
    const card = { file_bytes: 4_680_000_000, dimensions: facts.dimensions };
    expect(memoryNeededMiB(card, 8_192)).toBe(6_261);
  });

  test('a mixture of experts: their numbers, and heads wider than the embedding says', async () => {
    const facts = await factsOf('qwen3moe', {
      ...DENSE,
      'attention.key_length': 128,
      'attention.value_length': 128,
      'attention.head_count': 32,
      expert_count: 128,
      expert_used_count: 8,
    });
    expect(facts.dimensions).toMatchObject({
      attention: { kind: 'full', kv_heads: 4, head_dim: 128 },
      experts: { total: 128, used: 8 },
    });
  });

  test('a sliding window, by the pattern of its family, of the file, or not at all', async () => {
    const gptOss = { ...DENSE, block_count: 24, 'attention.sliding_window': 128 };
    expect((await factsOf('gpt-oss', gptOss)).dimensions.attention).toMatchObject({
      kind: 'sliding_window',
      layers: 12,
      window_layers: 12,
      window_tokens: 128,
    });
    const told = { 'new.attention.sliding_window_pattern': { u32s: [1, 1, 0, 1] } };
    const four = { ...DENSE, block_count: 4, 'attention.sliding_window': 512 };
    expect((await factsOf('new', four, told)).dimensions.attention).toMatchObject({
      layers: 1,
      window_layers: 3,
    });
    expect((await factsOf('new', four)).dimensions.attention).toMatchObject({
      kind: 'full',
      layers: 4,
    });
  });

  test('latent attention', async () => {
    const facts = await factsOf('deepseek2', {
      ...DENSE,
      'attention.kv_lora_rank': 512,
      'rope.dimension_count': 64,
    });
    expect(facts.dimensions.attention).toEqual({ kind: 'latent', layers: 28, rank: 512, rope: 64 });
  });

  test('a hybrid: few layers with attention, and the state of the others', async () => {
    const facts = await factsOf('qwen3next', {
      ...DENSE,
      block_count: 48,
      full_attention_interval: 4,
      'attention.key_length': 256,
      'attention.head_count_kv': 2,
      'ssm.inner_size': 4_096,
      'ssm.state_size': 128,
      'ssm.group_count': 16,
      'ssm.conv_kernel': 4,
    });
    expect(facts.dimensions.attention).toEqual({
      kind: 'full',
      layers: 12,
      kv_heads: 2,
      head_dim: 256,
    });
    // 36 layers x (3 x (4,096 + 2 x 16 x 128) + 128 x 4,096) x 4 bytes.
    expect(facts.dimensions.state_bytes).toBe(79_036_416);
  });

  test('layers with heads of their own number', async () => {
    const lists = { 'mix.attention.head_count_kv': { u32s: [0, 8, 0, 8, 4] } };
    const { 'attention.head_count_kv': _, ...rest } = DENSE;
    expect((await factsOf('mix', rest, lists)).dimensions.attention).toMatchObject({
      layers: 3,
      kv_heads: 8,
    });
  });

  test('the vocabulary is counted where it is in the file', async () => {
    const { vocab_size: _, ...rest } = DENSE;
    const tokens = { 'tokenizer.ggml.tokens': { texts: ['a', 'b', 'c'] } };
    expect((await factsOf('llama', rest, tokens)).dimensions.vocabulary).toBe(3);
  });

  test('a model in parts says of how many', async () => {
    expect((await factsOf('llama', DENSE, { 'split.count': { u32: 3 } })).files).toBe(3);
  });

  test.each(['context_length', 'embedding_length', 'block_count', 'attention.head_count'])(
    'without %s it is no language model',
    async (key) => {
      const without = Object.fromEntries(Object.entries(DENSE).filter(([name]) => name !== key));
      await expect(factsOf('clip', without)).rejects.toThrow(
        `a GGUF file without a language model: it lacks clip.${key}`,
      );
    },
  );
});
