import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { FileChange, Patch } from '../../task/patch.ts';
import { type Found, findFile, freedBy, sha256Of, standingOf, takenBy } from './applyState.ts';
import { openRoot, type Place } from './beneath.ts';
import { components } from './components.ts';
import { DeniedPath, errorCode } from './deniedPath.ts';
import { removeEmptied, removePlain, walk } from './jail.ts';
import { removalsFirst } from './patch.ts';
import { replaceFile } from './replaceFile.ts';
import { missingFolders, type RolledBack, rollBack } from './rollback.ts';
import {
  dropLog,
  isAlive,
  logFile,
  logFiles,
  readLog,
  thisProcess,
  type UndoLog,
  writeLog,
} from './undoLog.ts';

export type Applied =
  | { kind: 'applied'; paths: string[] }
  /** These are not as the task found them; nothing was changed. */
  | { kind: 'conflicted'; paths: string[] };

/**
 * Brings a patch into a folder, all or nothing: every file must be as it was in the base tree or already as the patch
 * wants it, so that a repetition is harmless. Never writes through a link. What it is about to do is written down in
 * `stateDir` first: after a crash the next call, or `recoverApplies`, takes it back.
 * Throws DeniedPath for a path that no patch may name, and what the system says (no space, no permission) after having
 * taken everything back.
 */
export function applyPatch(request: ApplyRequest): Applied {
  return withPlan(request, (place, planned) => {
    const open = planned.filter((step) => step.standing === 'before');
    return open.length === 0 ? undefined : carryOut(place, open, request.stateDir);
  });
}

/** Whether the patch would go in now. Changes nothing of it; an apply that a crash had cut is taken back first. */
export function checkPatch(request: ApplyRequest): Applied {
  return withPlan(request, () => undefined);
}

interface ApplyRequest {
  root: string;
  patch: Patch;
  stateDir: string;
}

/** Somebody else is applying to the same root just now: to be tried again soon. */
export class ApplyUnderWay extends Error {
  constructor(root: string) {
    super(`another apply to ${root} is under way`);
    this.name = 'ApplyUnderWay';
  }
}

function withPlan(
  request: ApplyRequest,
  perform: (place: Place, planned: Step[]) => Applied | undefined,
): Applied {
  const { patch, stateDir } = request;
  const root = path.resolve(request.root);
  const directory = openRoot(root);
  try {
    recover(logFile(stateDir, root));
    const place = { directory, at: root, asked: '' };
    const planned = plan(place, patch.changes);
    const conflicts = planned.filter((step) => step.standing === 'other');
    if (conflicts.length > 0) return conflicted(conflicts.map((step) => step.change.path));
    const paths = patch.changes.map((change) => change.path);
    return perform(place, planned) ?? { kind: 'applied', paths };
  } finally {
    fs.closeSync(directory);
  }
}

/** Takes back every apply that a dead process left half done. For the start of a worker. */
export function recoverApplies(stateDir: string): RolledBack[] {
  return logFiles(stateDir).flatMap((file) => {
    const log = readLog(file);
    return log === undefined || isAlive(log.owner) ? [] : [recoverLog(file, log)];
  });
}

interface Step {
  change: FileChange;
  found: Found | undefined;
  standing: 'before' | 'after' | 'other';
}

function plan(place: Place, changes: readonly FileChange[]): Step[] {
  for (const { path: named } of changes) components(place.at, named);
  return removalsFirst(changes).map((change) => {
    const there = findFile({ ...place, asked: change.path });
    const isFree =
      (change.before === null && freedBy(changes, change.path)) ||
      (change.after === null && takenBy(changes, change.path));
    const nothing = { content: null, mode: change.mode };
    const found = there === undefined && isFree ? nothing : there;
    return { change, found, standing: standingOf(change, found) };
  });
}

function carryOut(place: Place, steps: Step[], stateDir: string): Applied | undefined {
  const file = logFile(stateDir, place.at);
  const log = logOf(place, steps);
  if (!writeLog(file, log)) throw new ApplyUnderWay(place.at);
  let current = '';
  try {
    for (const { change } of steps) {
      current = change.path;
      perform({ ...place, asked: change.path }, change, log.temporary);
    }
    fs.fsyncSync(place.directory);
  } catch (error) {
    takeBack(log, file);
    if (isInTheWay(error)) return conflicted([current]);
    const text = `applying ${JSON.stringify(current)} below ${place.at} failed, all was taken back`;
    throw new Error(text, { cause: error });
  }
  dropLog(file);
  return undefined;
}

/** What cannot be taken back now stays in the log, and is by the next call. */
function takeBack(log: UndoLog, file: string): void {
  try {
    rollBack(log);
  } catch (cause) {
    const text = `an apply below ${log.root} failed and is not all taken back yet: the next apply, check or start of a worker goes on with that`;
    throw new Error(text, { cause });
  }
  dropLog(file);
}

function perform(place: Place, change: FileChange, temporary: string): void {
  // Somebody saved a file since the check: better to give up than to overwrite it.
  if (standingOf(change, findFile(place)) !== 'before') throw new Changed(change.path);
  const { after, mode } = change;
  if (after === null) {
    walk(place, false, removePlain);
    removeEmptied(place);
    return;
  }
  const data = Buffer.from(after, 'base64');
  walk(place, true, ({ directory }, leaf) =>
    replaceFile(directory, leaf, { data, mode, temporary }),
  );
}

class Changed extends Error {}

function isInTheWay(error: unknown): boolean {
  const codes = ['ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'ENOENT'];
  return (
    error instanceof Changed ||
    error instanceof DeniedPath ||
    codes.includes(errorCode(error) ?? '')
  );
}

function logOf(place: Place, steps: readonly Step[]): UndoLog {
  const { dev, ino } = fs.fstatSync(place.directory);
  const written = steps.filter(({ change }) => change.after !== null);
  const folders = written.flatMap(({ change }) => missingFolders(place.at, change.path));
  return {
    owner: thisProcess(),
    root: place.at,
    identity: { device: dev, inode: ino },
    temporary: `.apply-${randomBytes(8).toString('hex')}`,
    folders: [...new Set(folders)].sort(),
    files: steps.map(({ change, found }) => ({
      path: change.path,
      before: change.before,
      beforeMode: found?.mode ?? change.mode,
      after: change.after === null ? null : sha256Of(Buffer.from(change.after, 'base64')),
      mode: change.mode,
    })),
  };
}

function recover(file: string): void {
  const log = readLog(file);
  if (log === undefined) return;
  // An apply is never interrupted by another of the same process: what is left of ours could not be taken back.
  const isOurs = log.owner.pid === process.pid;
  if (isAlive(log.owner) && !isOurs) throw new ApplyUnderWay(log.root);
  recoverLog(file, log);
}

function recoverLog(file: string, log: UndoLog): RolledBack {
  const rolled = rollBack(log);
  dropLog(file);
  return rolled;
}

function conflicted(paths: string[]): Applied {
  return { kind: 'conflicted', paths };
}
