import { createHash, hash } from 'node:crypto';
import fs from 'node:fs';
import { openFile } from './beneath.ts';
import { type Entry, entries } from './entries.ts';
import { Turns } from './turns.ts';

export interface TreeFile {
  /** Relative to the root, with `/`. */
  path: string;
  /** Bytes. */
  size: number;
  /** POSIX permission bits. */
  mode: number;
  /** Of the content, in hex; for a link of its target. */
  sha256: string;
  /** Target of a symbolic link; absent for a plain file. */
  link?: string;
}

/** Files and links below a root by path, without `.git`. Throws DeniedPath as `entries` does. */
export async function listTree(root: string): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  const turns = new Turns();
  for await (const entry of entries(root)) {
    if (entry.kind === 'link') files.push(linkOf(entry.path, entry.target));
    else if (entry.kind === 'file') files.push(await fileOf(entry, turns));
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * SHA-256 over the sorted (path, executable bits, content) of a tree, in hex: equal for equal trees wherever they are.
 * Times, owners, empty folders and the other permission bits do not count.
 */
export async function treeHash(root: string): Promise<string> {
  return hashOfFiles(await listTree(root));
}

export function hashOfFiles(files: readonly TreeFile[]): string {
  const sum = createHash('sha256');
  for (let from = 0; from < files.length; from += LINES_AT_ONCE)
    sum.update(
      files
        .slice(from, from + LINES_AT_ONCE)
        .map(lineOf)
        .join(''),
    );
  return sum.digest('hex');
}

const LINES_AT_ONCE = 512;

function lineOf({ path, mode, sha256, link }: TreeFile): string {
  return `${JSON.stringify([path, link === undefined ? mode & 0o111 : 'link', sha256])}\n`;
}

function linkOf(path: string, target: string): TreeFile {
  const size = Buffer.byteLength(target);
  const sha256 = createHash('sha256').update(target).digest('hex');
  return { path, size, mode: 0o777, sha256, link: target };
}

async function fileOf(entry: Entry, turns: Turns): Promise<TreeFile> {
  const { file, stats } = openFile(entry.place, entry.name);
  try {
    const sha256 = stats.size < block.length ? hashOfSmall(file) : await hashOfLarge(file, turns);
    return { path: entry.path, size: stats.size, mode: stats.mode & 0o777, sha256 };
  } finally {
    fs.closeSync(file);
  }
}

/** One block at a time: a tree may hold a file larger than memory. */
const block = Buffer.allocUnsafe(1 << 18);

function hashOfSmall(file: number): string {
  let length = 0;
  for (let count = -1; count !== 0 && length < block.length; length += count)
    count = fs.readSync(file, block, length, block.length - length, null);
  return hash('sha256', block.subarray(0, length), 'hex');
}

async function hashOfLarge(file: number, turns: Turns): Promise<string> {
  const sum = createHash('sha256');
  for (;;) {
    const count = fs.readSync(file, block, 0, block.length, null);
    if (count === 0) return sum.digest('hex');
    sum.update(block.subarray(0, count));
    if (turns.isOver) await turns.rest();
  }
}
