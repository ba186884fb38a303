import { type ByteReader, Cursor } from './cursor.ts';
import { GgufError } from './ggufError.ts';
import { type GgufValue, readValue } from './ggufValue.ts';
import { readTensors } from './tensors.ts';

/** What the head of a GGUF file says (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). */
export interface GgufHeader {
  version: number;
  metadata: ReadonlyMap<string, GgufValue>;
  /** Number of weights. */
  parameters: number;
  /** Where the weights start, in bytes from the start of the file. */
  dataOffset: number;
  /** Of this file; a model in several files has more. */
  fileBytes: number;
}

/** A model has some dozens of entries. */
const METADATA_MAX = 65_536;
const DEFAULT_ALIGNMENT = 32;

/**
 * Reads the header, and none of the weights. Throws `GgufError`: no GGUF file, one that was cut (in its header or in its
 * weights), one of a version that is not known, or a damaged one.
 */
export async function readGgufHeader(file: ByteReader): Promise<GgufHeader> {
  const cursor = new Cursor(file);
  await requireMagic(cursor, file.bytes);
  const version = await readVersion(cursor);
  const tensorCount = await cursor.u64();
  const metadata = await readMetadata(cursor);
  const tensors = await readTensors(cursor, tensorCount);
  const dataOffset = align(cursor.at, metadata.get('general.alignment'));
  const needed = dataOffset + tensors.dataBytes;
  if (file.bytes < needed) {
    throw new GgufError(
      'truncated',
      `truncated: its weights end at ${needed} bytes and the file has ${file.bytes}`,
    );
  }
  const { parameters } = tensors;
  return { version, metadata, parameters, dataOffset, fileBytes: file.bytes };
}

async function requireMagic(cursor: Cursor, bytes: number): Promise<void> {
  if (bytes < 4) throw new GgufError('not_gguf', `not a GGUF file: it has ${bytes} bytes`);
  const { buffer, byteOffset } = await cursor.view(4);
  const magic = new TextDecoder('latin1').decode(new Uint8Array(buffer, byteOffset, 4));
  if (magic === 'GGUF') return;
  throw new GgufError('not_gguf', `not a GGUF file: it starts with ${JSON.stringify(magic)}`);
}

async function readVersion(cursor: Cursor): Promise<number> {
  const version = await cursor.u32();
  if (version === 2 || version === 3) return version;
  const why =
    version !== 0 && (version & 0xffff) === 0
      ? 'it was written for big-endian machines'
      : `version ${version} is not known, 2 and 3 are`;
  throw new GgufError('unsupported', `a GGUF file that cannot be read: ${why}`);
}

async function readMetadata(cursor: Cursor): Promise<Map<string, GgufValue>> {
  const count = await cursor.u64();
  if (count > METADATA_MAX) {
    throw new GgufError('damaged', `damaged: it claims to have ${count} metadata entries`);
  }
  const metadata = new Map<string, GgufValue>();
  for (let at = 0; at < count; at++) {
    const key = await cursor.string();
    metadata.set(key, await readValue(cursor));
  }
  return metadata;
}

function align(offset: number, alignment: GgufValue | undefined): number {
  const step = typeof alignment === 'number' && alignment > 0 ? alignment : DEFAULT_ALIGNMENT;
  return Math.ceil(offset / step) * step;
}
