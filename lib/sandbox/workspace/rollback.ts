import fs from 'node:fs';
import path from 'node:path';
import { findFile, holds, isResult } from './applyState.ts';
import { inside, openRoot, type Place } from './beneath.ts';
import { DeniedPath, errorCode } from './deniedPath.ts';
import { removePlain, walk } from './jail.ts';
import { replaceFile } from './replaceFile.ts';
import type { UndoLog } from './undoLog.ts';

export interface RolledBack {
  root: string;
  /** Paths that are again as they were before the apply. */
  restored: string[];
  /** Paths that somebody changed since: they were left alone. */
  kept: string[];
}

/** Takes back what an apply had done so far. Safe to repeat. A root that is gone, or is another folder now, is left alone. */
export function rollBack(log: UndoLog): RolledBack {
  const rolled: RolledBack = { root: log.root, restored: [], kept: [] };
  const root = openSame(log);
  if (root === undefined) return rolled;
  try {
    const at = (asked: string): Place => ({ directory: root, at: log.root, asked });
    // What was created goes first: it may stand where a folder was. The rest from the last to the first: on a full disk
    // each then finds the room that it had left to those after it.
    const files = log.files.toReversed();
    const created = files.filter(({ before }) => before === null);
    const others = files.filter(({ before }) => before !== null);
    for (const file of [...created, ...others]) restore(at(file.path), log, file, rolled);
    for (const folder of [...log.folders].reverse()) removeFolder(at(folder));
  } finally {
    fs.closeSync(root);
  }
  return rolled;
}

function openSame(log: UndoLog): number | undefined {
  let root: number;
  try {
    root = openRoot(log.root);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof DeniedPath) return undefined;
    throw error;
  }
  const { dev, ino } = fs.fstatSync(root);
  if (dev === log.identity.device && ino === log.identity.inode) return root;
  fs.closeSync(root);
  return undefined;
}

function restore(
  place: Place,
  log: UndoLog,
  file: UndoLog['files'][number],
  rolled: RolledBack,
): void {
  removeTemporary(place, log.temporary);
  const found = findFile(place);
  const ours = found !== undefined && isResult(file, found);
  const untouched = found !== undefined && holds(found, file.before);
  (ours || untouched ? rolled.restored : rolled.kept).push(place.asked);
  if (!ours) return;
  const { before } = file;
  if (before === null) walk(place, false, removePlain);
  else
    walk(place, true, ({ directory }, leaf) =>
      replaceFile(directory, leaf, {
        data: Buffer.from(before, 'base64'),
        mode: file.beforeMode,
        temporary: log.temporary,
      }),
    );
}

function removeTemporary(place: Place, temporary: string): void {
  try {
    walk(place, false, ({ directory }) => fs.rmSync(inside(directory, temporary), { force: true }));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && !(error instanceof DeniedPath)) throw error;
  }
}

function removeFolder(place: Place): void {
  try {
    walk(place, false, ({ directory }, leaf) => fs.rmdirSync(inside(directory, leaf)));
  } catch (error) {
    const expected = ['ENOENT', 'ENOTEMPTY', 'ENOTDIR'].includes(errorCode(error) ?? '');
    if (!expected && !(error instanceof DeniedPath)) throw error;
  }
}

/** The folders on the way to `relative` that are missing below `root`, parents first. */
export function missingFolders(root: string, relative: string): string[] {
  const parts = path.dirname(relative).split('/');
  if (parts[0] === '.') return [];
  return parts
    .map((_, index) => parts.slice(0, index + 1).join('/'))
    .filter((folder) => !fs.existsSync(path.join(root, folder)));
}
