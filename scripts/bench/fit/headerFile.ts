import { truncateSync, writeFileSync } from 'node:fs';
import { f32, text, u32, u64 } from './ggufBytes.ts';
import { type HeaderTensor, type Metadata, TENSOR_TYPES, type TensorType } from './headerParts.ts';

const ALIGNMENT = 32;
const KIND = { u32: 4, f32: 6, text: 8 } as const;
/**
 * Writes a GGUF file that has the head of a model and a hole where its weights would be: it takes a few pages of the disk.
 * Returns the bytes of the weights that it speaks of.
 */
export function writeHeaderFile(
  path: string,
  metadata: Metadata,
  tensors: readonly HeaderTensor[],
): number {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), encoded(value));
  let offset = 0;
  for (const tensor of tensors) {
    const type = TENSOR_TYPES[typeOf(tensor)];
    parts.push(text(tensor.name), u32(tensor.shape.length), ...tensor.shape.map(u64));
    parts.push(u32(type.number), u64(offset));
    offset = aligned(offset + (elements(tensor) / type.block) * type.bytes);
  }
  const head = Buffer.concat(parts);
  const dataAt = aligned(head.length);
  writeFileSync(path, head);
  truncateSync(path, dataAt + offset);
  return offset;
}

/** A row that does not fill blocks of 256 is kept in the smaller ones. */
function typeOf({ shape: [row = 0], type }: HeaderTensor): TensorType {
  return row % TENSOR_TYPES[type].block === 0 ? type : 'Q8_0';
}

function elements({ shape }: HeaderTensor): number {
  return shape.reduce((product, length) => product * length, 1);
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGNMENT) * ALIGNMENT;
}

function encoded(value: Metadata[string]): Buffer {
  if (typeof value === 'string') return Buffer.concat([u32(KIND.text), text(value)]);
  if (typeof value === 'number') return Buffer.concat([u32(KIND.u32), u32(value)]);
  return Buffer.concat([u32(KIND.f32), f32(value.float)]);
}
