import type { ByteReader } from '../../lib/models/gguf/cursor.ts';
import { text, u32, u64 } from '../../scripts/bench/fit/ggufBytes.ts';

type Value =
  | { u32: number }
  | { text: string }
  | { flag: boolean }
  | { texts: readonly string[] }
  | { u32s: readonly number[] };

export interface HeaderParts {
  metadata: Record<string, Value>;
  /** Name, shape and the number of ggml's type; they lie one behind the other. */
  tensors?: readonly { name: string; shape: readonly number[]; type: number; bytes: number }[];
  version?: number;
}

const TYPES = { u32: 4, flag: 7, text: 8, list: 9 } as const;
const ALIGNMENT = 32;

/** The head of a GGUF file, padded to where its weights would start. */
export function ggufHeader({ metadata, tensors = [], version = 3 }: HeaderParts): Buffer {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from('GGUF'), u32(version), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), encode(value));
  let offset = 0;
  for (const { name, shape, type, bytes } of tensors) {
    parts.push(text(name), u32(shape.length), ...shape.map(u64), u32(type), u64(offset));
    offset = Math.ceil((offset + bytes) / ALIGNMENT) * ALIGNMENT;
  }
  const head = Buffer.concat(parts);
  return Buffer.concat([head, Buffer.alloc((ALIGNMENT - (head.length % ALIGNMENT)) % ALIGNMENT)]);
}

/** A file that starts with `head` and has `bytes` in all; what is not in `head` may not be read. */
export function fileOf(head: Uint8Array, bytes = head.length): ByteReader & { readUpTo: number } {
  const file = {
    bytes,
    readUpTo: 0,
    read: (at: number, length: number) => {
      file.readUpTo = Math.max(file.readUpTo, at + length);
      const chunk = new Uint8Array(length);
      chunk.set(head.subarray(at, at + length));
      return Promise.resolve(chunk);
    },
  };
  return file;
}

function encode(value: Value): Buffer {
  return Buffer.concat(partsOf(value));
}

function partsOf(value: Value): Buffer[] {
  if ('u32' in value) return [u32(TYPES.u32), u32(value.u32)];
  if ('flag' in value) return [u32(TYPES.flag), Buffer.from([value.flag ? 1 : 0])];
  if ('text' in value) return [u32(TYPES.text), text(value.text)];
  if ('u32s' in value) {
    return [u32(TYPES.list), u32(TYPES.u32), u64(value.u32s.length), ...value.u32s.map(u32)];
  }
  return [u32(TYPES.list), u32(TYPES.text), u64(value.texts.length), ...value.texts.map(text)];
}
