import { createHash, hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { openFile, openRoot } from './beneath.ts';
import { entries } from './entries.ts';
import { walk } from './jail.ts';
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
    else if (entry.kind === 'file')
      files.push(await fileOf(entry.path, openFile(entry.place, entry.name), turns));
  }
  return files.sort(byPath);
}

export interface Rewritten {
  /** What the tree held before. */
  files: readonly TreeFile[];
  /** Plain files that were written since, and what was removed. Nothing else may have changed. */
  written: ReadonlySet<string>;
  removed: ReadonlySet<string>;
}

/** As `listTree`, where all that changed since the last listing is known: only that is read. */
export async function relistTree(
  root: string,
  { files, written, removed }: Rewritten,
): Promise<TreeFile[]> {
  const listed = files.filter((file) => !written.has(file.path) && !removed.has(file.path));
  const start = path.resolve(root);
  const directory = openRoot(start);
  const turns = new Turns();
  try {
    for (const asked of written) {
      const opened = walk({ directory, at: start, asked }, false, openFile);
      listed.push(await fileOf(asked, opened, turns));
      if (turns.isOver) await turns.rest();
    }
  } finally {
    fs.closeSync(directory);
  }
  return listed.sort(byPath);
}

function byPath(a: TreeFile, b: TreeFile): number {
  return a.path < b.path ? -1 : 1;
}

/** Paths of what `listTree` lists, which needs no file to be read. Throws DeniedPath as `entries` does. */
export async function listPaths(root: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path, kind } of entries(root)) if (kind !== 'directory') paths.push(path);
  return paths.sort();
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

async function fileOf(
  path: string,
  { file, stats }: ReturnType<typeof openFile>,
  turns: Turns,
): Promise<TreeFile> {
  try {
    const sha256 = stats.size < block.length ? hashOfSmall(file) : await hashOfLarge(file, turns);
    return { path, size: stats.size, mode: stats.mode & 0o777, sha256 };
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
