import type { Cursor } from './cursor.ts';
import { GgufError } from './ggufError.ts';

export interface Tensors {
  /** Number of weights. */
  parameters: number;
  /** From the start of the first tensor to the end of the last one. */
  dataBytes: number;
}

/** The largest models have some thousands. */
const TENSORS_MAX = 1_000_000;
const DIMENSIONS_MAX = 8;

/** Weights in a block and bytes of a block, by the type numbers of ggml (ggml/include/ggml.h, ggml-common.h). */
const BLOCKS: Readonly<Record<number, readonly [weights: number, bytes: number]>> = {
  0: [1, 4], // F32
  1: [1, 2], // F16
  2: [32, 18], // Q4_0
  3: [32, 20], // Q4_1
  6: [32, 22], // Q5_0
  7: [32, 24], // Q5_1
  8: [32, 34], // Q8_0
  9: [32, 36], // Q8_1
  10: [256, 84], // Q2_K
  11: [256, 110], // Q3_K
  12: [256, 144], // Q4_K
  13: [256, 176], // Q5_K
  14: [256, 210], // Q6_K
  15: [256, 292], // Q8_K
  16: [256, 66], // IQ2_XXS
  17: [256, 74], // IQ2_XS
  18: [256, 98], // IQ3_XXS
  19: [256, 50], // IQ1_S
  20: [32, 18], // IQ4_NL
  21: [256, 110], // IQ3_S
  22: [256, 82], // IQ2_S
  23: [256, 136], // IQ4_XS
  24: [1, 1], // I8
  25: [1, 2], // I16
  26: [1, 4], // I32
  27: [1, 8], // I64
  28: [1, 8], // F64
  29: [256, 56], // IQ1_M
  30: [1, 2], // BF16
  34: [256, 54], // TQ1_0
  35: [256, 66], // TQ2_0
  39: [32, 17], // MXFP4
};

/** Reads the list of tensors. A tensor of an unknown type counts no bytes of its own: its offset alone is certain. */
export async function readTensors(cursor: Cursor, count: number): Promise<Tensors> {
  if (count > TENSORS_MAX) {
    throw new GgufError('damaged', `damaged: it claims to have ${count} tensors`);
  }
  let parameters = 0;
  let dataBytes = 0;
  for (let at = 0; at < count; at++) {
    await cursor.skipString();
    const weights = await readShape(cursor);
    const type = await cursor.u32();
    const offset = await cursor.u64();
    parameters += weights;
    dataBytes = Math.max(dataBytes, offset + bytesOf(type, weights));
  }
  return { parameters, dataBytes };
}

async function readShape(cursor: Cursor): Promise<number> {
  const dimensions = await cursor.u32();
  if (dimensions > DIMENSIONS_MAX) {
    throw new GgufError('damaged', `damaged: a tensor of ${dimensions} dimensions`);
  }
  let weights = 1;
  for (let at = 0; at < dimensions; at++) weights *= await cursor.u64();
  return weights;
}

function bytesOf(type: number, weights: number): number {
  const [perBlock, bytes] = BLOCKS[type] ?? [1, 0];
  return Math.ceil(weights / perBlock) * bytes;
}
