import type { Cursor } from './cursor.ts';
import { GgufError } from './ggufError.ts';

/** A long list, such as a vocabulary, is only counted. */
export type GgufValue = number | boolean | string | { length: number; items?: number[] };

const STRING = 8;
const ARRAY = 9;
const BOOLEAN = 7;

interface Scalar {
  bytes: number;
  read: (view: DataView) => number;
}

/** By the type numbers of the format. */
const SCALARS: Readonly<Record<number, Scalar>> = {
  0: { bytes: 1, read: (view) => view.getUint8(0) },
  1: { bytes: 1, read: (view) => view.getInt8(0) },
  2: { bytes: 2, read: (view) => view.getUint16(0, true) },
  3: { bytes: 2, read: (view) => view.getInt16(0, true) },
  4: { bytes: 4, read: (view) => view.getUint32(0, true) },
  5: { bytes: 4, read: (view) => view.getInt32(0, true) },
  6: { bytes: 4, read: (view) => view.getFloat32(0, true) },
  [BOOLEAN]: { bytes: 1, read: (view) => view.getUint8(0) },
  10: { bytes: 8, read: (view) => Number(view.getBigUint64(0, true)) },
  11: { bytes: 8, read: (view) => Number(view.getBigInt64(0, true)) },
  12: { bytes: 8, read: (view) => view.getFloat64(0, true) },
};

/** Lists with one entry a layer are kept, vocabularies are not. */
const KEPT_ITEMS = 1_024;
const DEEPEST_LIST = 3;

export async function readValue(cursor: Cursor): Promise<GgufValue> {
  const type = await cursor.u32();
  if (type === STRING) return cursor.string();
  if (type === ARRAY) return readArray(cursor, 1);
  const scalar = scalarOf(type, cursor.at);
  const value = scalar.read(await cursor.view(scalar.bytes));
  return type === BOOLEAN ? value !== 0 : value;
}

async function readArray(cursor: Cursor, depth: number): Promise<GgufValue> {
  const type = await cursor.u32();
  const length = await cursor.u64();
  if (type === STRING) {
    for (let at = 0; at < length; at++) await cursor.skipString();
    return { length };
  }
  if (type === ARRAY) {
    if (depth >= DEEPEST_LIST) throw new GgufError('damaged', 'damaged: lists in lists in lists');
    for (let at = 0; at < length; at++) await readArray(cursor, depth + 1);
    return { length };
  }
  const scalar = scalarOf(type, cursor.at);
  if (length > KEPT_ITEMS) {
    cursor.skip(length * scalar.bytes);
    return { length };
  }
  const items: number[] = [];
  for (let at = 0; at < length; at++) items.push(scalar.read(await cursor.view(scalar.bytes)));
  return { length, items };
}

function scalarOf(type: number, at: number): Scalar {
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar;
  throw new GgufError('damaged', `damaged: a value of the unknown type ${type} at byte ${at}`);
}
