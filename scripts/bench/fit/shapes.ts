/** What a header needs beyond the numbers of a card, from the models' public configurations. */
export interface Shape {
  arch: 'llama' | 'qwen2' | 'qwen3moe' | 'gpt-oss' | 'deepseek2';
  heads: number;
  /** Of the dense layers. */
  feedForward: number;
  /** Of one expert. */
  expertFeedForward?: number;
  /** The output has no weights of its own. */
  tied?: boolean;
  /** Only part of the model can be written as such a header: what is left out. */
  leftOut?: string;
}

/** Layers that keep a state instead of keys and values are not written: their need is the card's `state_bytes`. */
const HYBRID = 'its layers without attention';

export const SHAPES: Readonly<Record<string, Shape>> = {
  'qwen2.5-coder-1.5b': { arch: 'qwen2', heads: 12, feedForward: 8_960, tied: true },
  'qwen2.5-coder-7b': { arch: 'qwen2', heads: 28, feedForward: 18_944 },
  'qwen2.5-coder-14b': { arch: 'qwen2', heads: 40, feedForward: 13_824 },
  'qwen2.5-coder-32b': { arch: 'qwen2', heads: 40, feedForward: 27_648 },
  'seed-coder-8b': { arch: 'llama', heads: 32, feedForward: 14_336 },
  'devstral-small-2': { arch: 'llama', heads: 32, feedForward: 32_768 },
  'qwen3-coder-30b-a3b': {
    arch: 'qwen3moe',
    heads: 32,
    feedForward: 6_144,
    expertFeedForward: 768,
  },
  'gpt-oss-20b': { arch: 'gpt-oss', heads: 64, feedForward: 2_880, expertFeedForward: 2_880 },
  'gpt-oss-120b': { arch: 'gpt-oss', heads: 64, feedForward: 2_880, expertFeedForward: 2_880 },
  'glm-4.7-flash': {
    arch: 'deepseek2',
    heads: 20,
    feedForward: 10_240,
    expertFeedForward: 1_536,
  },
  'qwen3.5-9b': { arch: 'llama', heads: 16, feedForward: 12_288, leftOut: HYBRID },
  'qwen3.8-27b': { arch: 'llama', heads: 24, feedForward: 17_408, leftOut: HYBRID },
  'qwen3.6-35b-a3b': { arch: 'llama', heads: 16, feedForward: 5_632, leftOut: HYBRID },
  'qwen3-coder-next': { arch: 'llama', heads: 16, feedForward: 5_120, leftOut: HYBRID },
};
