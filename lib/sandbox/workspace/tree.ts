import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { openFile } from './beneath.ts';
import { type Entry, entries } from './entries.ts';

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
  for await (const entry of entries(root)) {
    if (entry.kind === 'link') files.push(linkOf(entry.path, entry.target));
    else if (entry.kind === 'file') files.push(fileOf(entry));
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
  const hash = createHash('sha256');
  for (const { path, mode, sha256, link } of files)
    hash.update(`${JSON.stringify([path, link === undefined ? mode & 0o111 : 'link', sha256])}\n`);
  return hash.digest('hex');
}

function linkOf(path: string, target: string): TreeFile {
  const size = Buffer.byteLength(target);
  const sha256 = createHash('sha256').update(target).digest('hex');
  return { path, size, mode: 0o777, sha256, link: target };
}

function fileOf(entry: Entry): TreeFile {
  const { file, stats } = openFile(entry.place, entry.name);
  try {
    const sha256 = hashOfFile(file);
    return { path: entry.path, size: stats.size, mode: stats.mode & 0o777, sha256 };
  } finally {
    fs.closeSync(file);
  }
}

/** One block at a time: a tree may hold a file larger than memory. */
const block = Buffer.allocUnsafe(1 << 18);

function hashOfFile(file: number): string {
  const hash = createHash('sha256');
  for (;;) {
    const count = fs.readSync(file, block, 0, block.length, null);
    if (count === 0) return hash.digest('hex');
    hash.update(block.subarray(0, count));
  }
}
