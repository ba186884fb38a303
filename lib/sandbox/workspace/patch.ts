import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { FileChange, Patch } from '../../task/patch.ts';
import { copyTree } from './copy.ts';
import { DeniedPath } from './deniedPath.ts';
import { type Jail, openJail } from './jail.ts';
import { removeTree } from './removeTree.ts';
import { hashOfFiles, listTree, type TreeFile, treeHash } from './tree.ts';
import { Turns } from './turns.ts';

/** Larger results than this do not belong into a patch that travels as JSON. */
const LARGEST_FILE = 16 * 1024 * 1024;

/**
 * What was added, modified and deleted in `work` against `base`, by path; a change of the executable bits alone counts.
 * Throws DeniedPath when a link was added, changed or removed, and at a changed file of more than 16 MiB.
 */
export async function diffTrees(trees: {
  base: string;
  work: string;
  /** What `base` holds, where that is known: it is not read again. */
  baseFiles?: readonly TreeFile[];
}): Promise<Patch> {
  const { baseFiles = await listTree(trees.base) } = trees;
  const work = await listTree(trees.work);
  const changes = await withJails(trees, (jails) => changesBetween(baseFiles, work, jails));
  const turns = new Turns();
  const before = hashOfFiles(baseFiles);
  await turns.rest();
  return { base_tree_hash: before, tree_hash: hashOfFiles(work), changes };
}

/** Makes `work` exactly base plus patch, whatever it held. Throws when the result has another hash than the patch tells. */
export async function restoreTree(request: {
  base: string;
  work: string;
  patch: Patch;
}): Promise<void> {
  const { base, work, patch } = request;
  for (const name of await readdir(work)) await removeTree(path.join(work, name));
  const everything = { exclude: [], maxFiles: Infinity, maxBytes: Infinity };
  await copyTree({ from: base, to: work, ...everything, signal: new AbortController().signal });
  const jail = openJail(work);
  const turns = new Turns();
  try {
    for (const change of removalsFirst(patch.changes)) {
      write(jail, change);
      if (turns.isOver) await turns.rest();
    }
  } finally {
    jail.close();
  }
  const found = await treeHash(work);
  if (found !== patch.tree_hash)
    throw new Error(`restoring ${work} gave the tree ${found}, not ${patch.tree_hash}`);
}

/** A file may stand where the base had a folder, so that what goes must go first. */
export function removalsFirst<T extends { after: string | null }>(changes: readonly T[]): T[] {
  const removals = changes.filter((change) => change.after === null);
  return [...removals, ...changes.filter((change) => change.after !== null)];
}

function write(jail: Jail, change: FileChange): void {
  if (change.after === null) jail.remove(change.path);
  else jail.write(change.path, Buffer.from(change.after, 'base64'), change.mode);
}

interface Jails {
  base: Jail;
  work: Jail;
}

async function withJails<T>(
  trees: { base: string; work: string },
  work: (jails: Jails) => Promise<T>,
): Promise<T> {
  const base = openJail(trees.base);
  try {
    const result = openJail(trees.work);
    try {
      return await work({ base, work: result });
    } finally {
      result.close();
    }
  } finally {
    base.close();
  }
}

async function changesBetween(
  base: readonly TreeFile[],
  work: readonly TreeFile[],
  jails: Jails,
): Promise<FileChange[]> {
  const before = new Map(base.map((file) => [file.path, file]));
  const after = new Map(work.map((file) => [file.path, file]));
  const changes: FileChange[] = [];
  const turns = new Turns();
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    if (turns.isOver) await turns.rest();
    const [old, now] = [before.get(name), after.get(name)];
    if (old !== undefined && now !== undefined && same(old, now)) continue;
    for (const file of [old, now]) refuseLink(file);
    changes.push(changeOf({ name, old, now }, jails));
  }
  return changes;
}

function changeOf(
  change: { name: string; old: TreeFile | undefined; now: TreeFile | undefined },
  jails: Jails,
): FileChange {
  const { name, old, now } = change;
  return {
    path: name,
    before: old === undefined ? null : jails.base.read(name, LARGEST_FILE).toString('base64'),
    after: now === undefined ? null : jails.work.read(name, LARGEST_FILE).toString('base64'),
    mode: now?.mode ?? old?.mode ?? 0o644,
    ...(old === undefined ? {} : { before_mode: old.mode }),
  };
}

function same(a: TreeFile, b: TreeFile): boolean {
  return a.sha256 === b.sha256 && a.link === b.link && (a.mode & 0o111) === (b.mode & 0o111);
}

function refuseLink(file: TreeFile | undefined): void {
  if (file?.link === undefined) return;
  const reason = 'a result may not add, change or remove a symbolic link';
  throw new DeniedPath({ path: file.path, target: file.link, reason });
}
