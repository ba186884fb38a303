import fs from 'node:fs';
import path from 'node:path';
import type { FileChange, Patch } from '../../task/patch.ts';
import { copyTree } from './copy.ts';
import { DeniedPath } from './deniedPath.ts';
import { type Jail, openJail } from './jail.ts';
import { hashOfFiles, listTree, type TreeFile, treeHash } from './tree.ts';

/** Larger results than this do not belong into a patch that travels as JSON. */
const LARGEST_FILE = 16 * 1024 * 1024;

/**
 * What was added, modified and deleted in `work` against `base`, by path; a change of the executable bits alone counts.
 * Throws DeniedPath when a link was added, changed or removed, and at a changed file of more than 16 MiB.
 */
export async function diffTrees(trees: { base: string; work: string }): Promise<Patch> {
  const [base, work] = await Promise.all([listTree(trees.base), listTree(trees.work)]);
  const changes = withJails(trees, (jails) => changesBetween(base, work, jails));
  return { base_tree_hash: hashOfFiles(base), tree_hash: hashOfFiles(work), changes };
}

/** Makes `work` exactly base plus patch, whatever it held. Throws when the result has another hash than the patch tells. */
export async function restoreTree(request: {
  base: string;
  work: string;
  patch: Patch;
}): Promise<void> {
  const { base, work, patch } = request;
  for (const name of fs.readdirSync(work))
    fs.rmSync(path.join(work, name), { recursive: true, force: true });
  const everything = { exclude: [], maxFiles: Infinity, maxBytes: Infinity };
  await copyTree({ from: base, to: work, ...everything, signal: new AbortController().signal });
  const jail = openJail(work);
  try {
    for (const change of removalsFirst(patch.changes)) write(jail, change);
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

function withJails<T>(trees: { base: string; work: string }, work: (jails: Jails) => T): T {
  const base = openJail(trees.base);
  try {
    const result = openJail(trees.work);
    try {
      return work({ base, work: result });
    } finally {
      result.close();
    }
  } finally {
    base.close();
  }
}

function changesBetween(base: TreeFile[], work: TreeFile[], jails: Jails): FileChange[] {
  const before = new Map(base.map((file) => [file.path, file]));
  const after = new Map(work.map((file) => [file.path, file]));
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old !== undefined && now !== undefined && same(old, now)) return [];
    for (const file of [old, now]) refuseLink(file);
    return [changeOf({ name, old, now }, jails)];
  });
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
