import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { denial, inside, openDirectory, openFile, openRoot, type Place } from './beneath.ts';
import { components } from './components.ts';
import { DeniedPath, errorCode } from './deniedPath.ts';
import { makeDirectory, replaceFile } from './replaceFile.ts';

/**
 * Files below one root, by relative path, however hostile the path or the tree is: every component is opened without
 * following links, so that nothing outside the root is read or written even while links are being exchanged.
 * All calls throw DeniedPath for what the jail refuses, and the system's error for the rest.
 */
export interface Jail {
  /** Throws ENOENT when nothing is there; DeniedPath for anything but one plain file of at most `maxBytes`. */
  read(path: string, maxBytes: number): Buffer;
  /** Makes missing folders. `mode`: permission bits; without it an existing file keeps its own, a new one gets 644. */
  write(path: string, data: string | Uint8Array, mode?: number): void;
  /** Removes a plain file and the folders that it leaves empty; does nothing when it is not there. */
  remove(path: string): void;
  /** Whether a plain file is there. */
  exists(path: string): boolean;
  close(): void;
}

export function openJail(root: string): Jail {
  const absolute = path.resolve(root);
  const rootDirectory = openRoot(absolute);
  const within = <T>(asked: string, make: boolean, work: (place: Place, leaf: string) => T): T =>
    walk({ directory: rootDirectory, at: absolute, asked }, make, work);
  return {
    read: (asked, maxBytes) =>
      within(asked, false, (place, leaf) => {
        const stats = fs.lstatSync(inside(place.directory, leaf));
        if (stats.isFile() && stats.nlink > 1) throw denial(place, leaf, 'a hard link', undefined);
        return readPlain(place, leaf, maxBytes);
      }),
    write: (asked, data, mode) =>
      within(asked, true, (place, leaf) => writePlain(place, leaf, { data, mode })),
    remove: (asked) => {
      const removed = absentIsFine(() => within(asked, false, removePlain), false);
      if (removed) removeEmptied({ directory: rootDirectory, at: absolute, asked });
    },
    exists: (asked) => absentIsFine(() => within(asked, false, isPlain), false),
    close: () => fs.closeSync(rootDirectory),
  };
}

/** Runs `work` in the folder that holds the last component, and closes every folder opened on the way. */
export function walk<T>(start: Place, make: boolean, work: (place: Place, leaf: string) => T): T {
  const parts = components(start.at, start.asked);
  const leaf = parts.pop() ?? '';
  let place = start;
  try {
    for (const part of parts) {
      if (make) makeDirectory(place.directory, part);
      const next = openDirectory(place, part);
      leave(place, start);
      place = { ...place, directory: next, at: path.join(place.at, part) };
    }
    return work(place, leaf);
  } finally {
    leave(place, start);
  }
}

function leave(place: Place, start: Place): void {
  if (place.directory !== start.directory) fs.closeSync(place.directory);
}

export function readPlain(place: Place, leaf: string, maxBytes: number): Buffer {
  const { file, stats } = openFile(place, leaf);
  try {
    if (stats.size > maxBytes)
      throw denial(place, leaf, `${stats.size} bytes long, more than ${maxBytes}`, undefined);
    const buffer = Buffer.alloc(stats.size);
    return buffer.subarray(0, fs.readSync(file, buffer, 0, stats.size, 0));
  } finally {
    fs.closeSync(file);
  }
}

function writePlain(
  place: Place,
  leaf: string,
  content: { data: string | Uint8Array; mode: number | undefined },
): void {
  const present = fs.lstatSync(inside(place.directory, leaf), { throwIfNoEntry: false });
  if (present !== undefined && !present.isFile())
    throw denial(place, leaf, 'not a plain file', undefined);
  replaceFile(place.directory, leaf, {
    data: content.data,
    mode: content.mode ?? present?.mode ?? 0o644,
    temporary: `.write-${randomBytes(8).toString('hex')}`,
  });
}

export function removePlain(place: Place, leaf: string): boolean {
  if (!fs.lstatSync(inside(place.directory, leaf)).isFile())
    throw denial(place, leaf, 'not a plain file', undefined);
  fs.unlinkSync(inside(place.directory, leaf));
  return true;
}

/** Folders are not tracked by a result: one that held nothing but the removed file goes with it. */
export function removeEmptied(start: Place): void {
  const parents = components(start.at, start.asked).slice(0, -1);
  try {
    for (; parents.length > 0; parents.pop())
      walk({ ...start, asked: parents.join('/') }, false, ({ directory }, leaf) =>
        fs.rmdirSync(inside(directory, leaf)),
      );
  } catch (error) {
    if (!['ENOTEMPTY', 'ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw error;
  }
}

function isPlain(place: Place, leaf: string): boolean {
  const stats = fs.lstatSync(inside(place.directory, leaf));
  if (stats.isSymbolicLink()) throw denial(place, leaf, 'a link', undefined);
  return stats.isFile();
}

/** A missing file, or a file where the path wants a folder, means that nothing is there. */
function absentIsFine<T>(work: () => T, absent: T): T {
  try {
    return work();
  } catch (error) {
    const notADirectory = error instanceof DeniedPath && errorCode(error.cause) === 'ENOTDIR';
    if (
      errorCode(error) === 'ENOENT' ||
      (notADirectory && error.reason.endsWith('not a directory'))
    )
      return absent;
    throw error;
  }
}
