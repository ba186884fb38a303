import fs from 'node:fs';
import { readdir } from 'node:fs/promises';
import { MOST_ENTRIES } from '../policy/stopped.ts';
import { errorCode } from '../workspace/deniedPath.ts';
import { Turns } from '../workspace/turns.ts';

/** What an entry costs that holds nothing: its inode and its name. */
const FILE_BYTES = 1024;
const FOLDER_BYTES = 4096;

/**
 * Blocks held below an open directory, in bytes; Infinity when it holds too many entries or is too deep to be walked.
 * What disappears meanwhile does not count.
 */
export async function diskUsage(directory: number): Promise<number> {
  const walk: Walk = { bytes: 0, entries: 0, left: [`/proc/self/fd/${directory}`] };
  const turns = new Turns();
  for (let folder = walk.left.pop(); folder !== undefined; folder = walk.left.pop()) {
    const found = await readFolder(folder);
    if (found === undefined || walk.entries + found.length > MOST_ENTRIES) return Infinity;
    for (const entry of found) {
      if (turns.isOver) await turns.rest();
      count(walk, entry);
    }
  }
  return walk.bytes;
}

interface Walk {
  bytes: number;
  entries: number;
  left: string[];
}

function count(walk: Walk, entry: fs.Dirent): void {
  walk.entries++;
  const path = `${entry.parentPath}/${entry.name}`;
  if (entry.isDirectory()) walk.left.push(path);
  walk.bytes += entry.isDirectory() ? FOLDER_BYTES : sizeOf(path);
}

/** What one entry takes of a disk, in bytes. */
export function spaceOf(stats: fs.Stats): number {
  return stats.isDirectory() ? FOLDER_BYTES : Math.max(stats.blocks * 512, FILE_BYTES);
}

async function readFolder(folder: string): Promise<fs.Dirent[] | undefined> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === 'ENAMETOOLONG') return undefined;
    return goneIsFine(error, []);
  }
}

function sizeOf(file: string): number {
  try {
    return spaceOf(fs.lstatSync(file));
  } catch (error) {
    return goneIsFine(error, 0);
  }
}

function goneIsFine<T>(error: unknown, value: T): T {
  if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error) ?? '')) return value;
  throw error;
}
