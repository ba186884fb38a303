import type { EpochMs } from './clock.ts';
import type { Random } from './random.ts';

/** UUID version 7 (RFC 9562) in lower-case text form: sorts by the time it was made. */
export type TaskId = string & { readonly __brand: 'TaskId' };

/** Position of an event in the log of one task: 1, 2, 3 ... without gaps; 0 means "before the first". */
export type EventSeq = number & { readonly __brand: 'EventSeq' };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The id, or undefined when the text is no UUID, in whichever case (RFC 9562, section 4). */
export function parseTaskId(text: string): TaskId | undefined {
  const lower = text.toLowerCase();
  return UUID.test(lower) ? (lower as TaskId) : undefined;
}

export function newTaskId(now: EpochMs, random: Random): TaskId {
  return uuidV7(now, random) as TaskId;
}

/** UUID v7: 48 bits of milliseconds, then random bits around the version and the variant. */
export function uuidV7(now: EpochMs, random: Random): string {
  const bytes = random.bytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
