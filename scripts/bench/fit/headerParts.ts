/** Numbers of ggml's types, weights in a block, and bytes of a block. */
export const TENSOR_TYPES = {
  F32: { number: 0, block: 1, bytes: 4 },
  Q8_0: { number: 8, block: 32, bytes: 34 },
  Q4_K: { number: 12, block: 256, bytes: 144 },
  Q6_K: { number: 14, block: 256, bytes: 210 },
  MXFP4: { number: 39, block: 32, bytes: 17 },
} as const;
export type TensorType = keyof typeof TENSOR_TYPES;

export interface HeaderTensor {
  name: string;
  /** The fastest dimension first, as GGUF orders them. */
  shape: readonly number[];
  type: TensorType;
}

export type Metadata = Record<string, number | string | { float: number }>;
