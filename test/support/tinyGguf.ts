import { GgufWriter } from './ggufWriter.ts';

export interface TinyModel {
  embedding?: number;
  layers?: number;
  feedForward?: number;
  heads?: number;
  kvHeads?: number;
  contextTokens?: number;
  seed?: number;
}

const CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const WORDS = 'the in er on re class public static void return import def function const'.split(
  ' ',
);
/** SentencePiece's sign of a space. */
const SPACE = '\u2581';
const KIND = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

/**
 * A language model of half a megabyte that llama.cpp loads as any other: llama's architecture, a vocabulary that can say
 * every byte, a chat template, and random weights, the same for the same seed. What it says makes no sense.
 */
export function makeTinyGguf(model: TinyModel = {}): Buffer {
  const { contextTokens = 4_096, seed = 1 } = model;
  const { embedding = 64, layers = 2, feedForward = 128, heads = 4, kvHeads = 2 } = model;
  const words = vocabulary();
  const width = embedding / heads;
  const file = new GgufWriter();
  file.text('general.architecture', 'llama');
  file.text('general.name', 'tiny-random-test-model');
  file.text('general.license', 'cc0-1.0');
  file.u32('general.file_type', 0);
  file.u32('llama.context_length', contextTokens);
  file.u32('llama.embedding_length', embedding);
  file.u32('llama.block_count', layers);
  file.u32('llama.feed_forward_length', feedForward);
  file.u32('llama.attention.head_count', heads);
  file.u32('llama.attention.head_count_kv', kvHeads);
  file.f32('llama.attention.layer_norm_rms_epsilon', 1e-5);
  file.u32('llama.rope.dimension_count', width);
  file.f32('llama.rope.freq_base', 10_000);
  file.u32('llama.vocab_size', words.length);
  addTokenizer(file, words);
  addWeights(file, {
    embedding,
    layers,
    feedForward,
    cached: width * kvHeads,
    vocabulary: words.length,
    seed,
  });
  return file.end();
}

interface Word {
  text: string;
  score: number;
  kind: number;
}

function vocabulary(): Word[] {
  const word = (text: string, score = 0, kind: number = KIND.control): Word => ({
    text,
    score,
    kind,
  });
  const bytes = Array.from({ length: 256 }, (_, byte) =>
    word(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, 0, KIND.byte),
  );
  const letters = Array.from({ length: 0x7e - 0x20 }, (_, at) =>
    word(String.fromCharCode(0x21 + at), -2, KIND.normal),
  );
  return [
    word('<unk>', 0, KIND.unknown),
    word('<s>'),
    word('</s>'),
    ...bytes,
    word('<|im_start|>'),
    word('<|im_end|>'),
    word(SPACE, -1, KIND.normal),
    ...letters,
    ...WORDS.map((text, at) => word(SPACE + text, -3 - at, KIND.normal)),
  ];
}

function addTokenizer(file: GgufWriter, words: readonly Word[]): void {
  file.text('tokenizer.ggml.model', 'llama');
  file.text('tokenizer.ggml.pre', 'default');
  file.texts(
    'tokenizer.ggml.tokens',
    words.map(({ text }) => text),
  );
  file.floats(
    'tokenizer.ggml.scores',
    words.map(({ score }) => score),
  );
  file.integers(
    'tokenizer.ggml.token_type',
    words.map(({ kind }) => kind),
  );
  const idOf = (text: string) => words.findIndex((word) => word.text === text);
  file.u32('tokenizer.ggml.bos_token_id', idOf('<s>'));
  file.u32('tokenizer.ggml.eos_token_id', idOf('<|im_end|>'));
  file.u32('tokenizer.ggml.unknown_token_id', idOf('<unk>'));
  file.flag('tokenizer.ggml.add_bos_token', true);
  file.flag('tokenizer.ggml.add_space_prefix', false);
  file.text('tokenizer.chat_template', CHAT_TEMPLATE);
}

interface Shape {
  embedding: number;
  layers: number;
  feedForward: number;
  /** Width of keys and values together. */
  cached: number;
  vocabulary: number;
  seed: number;
}

function addWeights(file: GgufWriter, shape: Shape): void {
  const { embedding, layers, feedForward, cached, seed } = shape;
  const normal = normalNumbers(seed);
  const matrix = (name: string, from: number, to: number, spread = Math.sqrt(from)) =>
    file.tensor(`${name}.weight`, [from, to], () => normal() / spread);
  const ones = (name: string) => file.tensor(`${name}.weight`, [embedding], () => 1);
  matrix('token_embd', embedding, shape.vocabulary, 1);
  ones('output_norm');
  matrix('output', embedding, shape.vocabulary);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blk.${layer}`;
    ones(`${block}.attn_norm`);
    matrix(`${block}.attn_q`, embedding, embedding);
    matrix(`${block}.attn_k`, embedding, cached);
    matrix(`${block}.attn_v`, embedding, cached);
    matrix(`${block}.attn_output`, embedding, embedding);
    ones(`${block}.ffn_norm`);
    matrix(`${block}.ffn_gate`, embedding, feedForward);
    matrix(`${block}.ffn_up`, embedding, feedForward);
    matrix(`${block}.ffn_down`, feedForward, embedding);
  }
}

/** Normally distributed, from mulberry32: the same numbers for the same seed. */
function normalNumbers(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
