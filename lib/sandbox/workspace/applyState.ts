import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { FileChange } from '../../task/patch.ts';
import { inside, type Place } from './beneath.ts';
import { DeniedPath, errorCode } from './deniedPath.ts';
import { readPlain, walk } from './jail.ts';

/** What stands where a patch wants to write. `content` null: nothing. */
export interface Found {
  content: Buffer | null;
  /** Permission bits; of a missing file those it would get. */
  mode: number;
}

/** A file of a user's repository above this is not one that a patch holds. */
const LARGEST_FILE = 64 * 1024 * 1024;

/** What is at `start.asked` now, or undefined when it is no plain file or lies behind a link. */
export function findFile(start: Place): Found | undefined {
  try {
    return walk(start, false, (place, leaf) => {
      const { mode } = fs.lstatSync(inside(place.directory, leaf));
      return { content: readPlain(place, leaf, LARGEST_FILE), mode: mode & 0o777 };
    });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { content: null, mode: 0o644 };
    if (error instanceof DeniedPath) return undefined;
    throw error;
  }
}

export type Standing = 'before' | 'after' | 'other';

/** How a file stands to a change. Where content stays and only the executable bits change, these decide. */
export function standingOf(change: FileChange, found: Found | undefined): Standing {
  if (found === undefined) return 'other';
  const sameBits = change.after === null || (found.mode & 0o111) === (change.mode & 0o111);
  if (holds(found, change.after) && sameBits) return 'after';
  return holds(found, change.before) ? 'before' : 'other';
}

/** Whether what stands at a place is the work of an apply: its result is known by hash only. */
export function isResult(result: { after: string | null; mode: number }, found: Found): boolean {
  if (found.content === null || result.after === null) return found.content === result.after;
  return sha256Of(found.content) === result.after && (found.mode & 0o111) === (result.mode & 0o111);
}

export function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

export function holds({ content }: Found, encoded: string | null): boolean {
  if (content === null || encoded === null) return content === null && encoded === null;
  return content.equals(Buffer.from(encoded, 'base64'));
}

/**
 * A path that the removals of the same patch free: a folder whose files all go becomes a file, or a file that goes
 * becomes a folder. What else is in the way shows when it is written.
 */
export function freedBy(changes: readonly FileChange[], path: string): boolean {
  return changes.some((other) => other.after === null && excludes(other.path, path));
}

/** A path that is gone because something else of the same patch stands in its way by now: it was applied before. */
export function takenBy(changes: readonly FileChange[], path: string): boolean {
  return changes.some((other) => other.after !== null && excludes(other.path, path));
}

/** One would be a folder of the other: both cannot be files. */
function excludes(a: string, b: string): boolean {
  return a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
