import fs from 'node:fs';
import { inside } from './beneath.ts';
import { errorCode } from './deniedPath.ts';

const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = fs.constants;

export interface Replacement {
  data: string | Uint8Array;
  /** POSIX permission bits. */
  mode: number;
  /** Name of the file that is written first; it must be free. */
  temporary: string;
}

/**
 * Puts a file in place at once: written beside, synced, then renamed. A rename replaces a link that somebody put there
 * meanwhile and never writes through it, and it breaks hard links.
 */
export function replaceFile(directory: number, leaf: string, replacement: Replacement): void {
  const temporary = inside(directory, replacement.temporary);
  const file = fs.openSync(temporary, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    try {
      fs.writeFileSync(file, replacement.data);
      keepOwner(file, owner(directory, leaf));
      fs.fchmodSync(file, replacement.mode & 0o777);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(temporary, inside(directory, leaf));
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/** Makes one directory that belongs to whom its parent belongs; an existing one is left alone. */
export function makeDirectory(parent: number, name: string): boolean {
  try {
    fs.mkdirSync(inside(parent, name), 0o755);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  if (isRoot()) {
    const { uid, gid } = fs.fstatSync(parent);
    fs.lchownSync(inside(parent, name), uid, gid);
  }
  return true;
}

function owner(directory: number, leaf: string): fs.Stats {
  const present = fs.lstatSync(inside(directory, leaf), { throwIfNoEntry: false });
  return present?.isFile() ? present : fs.fstatSync(directory);
}

/** A service that runs as root must not take a user's files away from them. */
function keepOwner(file: number, stats: fs.Stats): void {
  if (isRoot()) fs.fchownSync(file, stats.uid, stats.gid);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
