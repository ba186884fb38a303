import fs from 'node:fs';
import path from 'node:path';
import { DeniedPath, errorCode } from './deniedPath.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/**
 * `name` inside an open directory. The kernel resolves /proc/self/fd/N to the directory itself, whatever its path is by
 * now, so that a single component can be opened without walking a path that somebody else may be exchanging (Node has no
 * openat).
 */
export function inside(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`;
}

/** Opens a root. Throws DeniedPath when it is a link or no folder, and the system's error when it is missing. */
export function openRoot(root: string): number {
  try {
    return fs.openSync(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) !== 'ENOTDIR' && errorCode(error) !== 'ELOOP') throw error;
    // What was a link may be none any more: somebody is exchanging it.
    const link = readLink(root);
    const target = link === undefined ? root : path.resolve(path.dirname(root), link);
    const reason = `the root is ${link === undefined ? 'not a folder' : 'a symbolic link'}`;
    throw new DeniedPath({ path: root, target, reason }, { cause: error });
  }
}

/** Where a step of a walk stands, for opening and for telling. */
export interface Place {
  directory: number;
  /** Absolute path of `directory`, as it was reached. */
  at: string;
  /** What the caller asked for. */
  asked: string;
}

export function openDirectory(place: Place, name: string): number {
  try {
    return fs.openSync(inside(place.directory, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) !== 'ENOTDIR' && errorCode(error) !== 'ELOOP') throw error;
    throw denial(place, name, 'not a directory', error);
  }
}

/** Opens a plain file for reading: no link, no FIFO (opening one would hang), no device. */
export function openFile(place: Place, name: string): { file: number; stats: fs.Stats } {
  let file: number;
  try {
    file = fs.openSync(inside(place.directory, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    // ENXIO: a socket, which cannot be opened at all.
    if (errorCode(error) !== 'ELOOP' && errorCode(error) !== 'ENXIO') throw error;
    throw denial(place, name, 'not a plain file', error);
  }
  const stats = fs.fstatSync(file);
  if (stats.isFile()) return { file, stats };
  fs.closeSync(file);
  throw denial(place, name, 'not a plain file', undefined);
}

/** The denial of `name`: for a link it tells where it leads, for anything else what it is. */
export function denial(place: Place, name: string, otherwise: string, cause: unknown): DeniedPath {
  const link = readLink(inside(place.directory, name));
  const target = path.resolve(place.at, link ?? name);
  const reason =
    link === undefined
      ? `${JSON.stringify(name)} is ${otherwise}`
      : `${JSON.stringify(name)} is a symbolic link`;
  return new DeniedPath({ path: place.asked, target, reason }, { cause });
}

function readLink(file: string): string | undefined {
  try {
    return fs.readlinkSync(file);
  } catch (error) {
    if (errorCode(error) === 'EINVAL' || errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
