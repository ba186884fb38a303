import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { errorCode } from './deniedPath.ts';

/** What is needed to take an apply back, written down before its first change. */
export const UndoLog = z.object({
  /** Whose apply it is: a log of a living process is left alone. */
  owner: z.object({ pid: z.int(), started: z.string() }),
  root: z.string(),
  /** Another folder may have taken the place of the root since. */
  identity: z.object({ device: z.number(), inode: z.number() }),
  /** Name under which every file is written before it is renamed. */
  temporary: z.string(),
  /** Folders that were missing before, parents first. */
  folders: z.array(z.string()),
  files: z.array(
    z.object({
      path: z.string(),
      before: z.string().nullable(),
      beforeMode: z.int(),
      /** SHA-256 of the result: tells the work of the apply from what somebody saved since. */
      after: z.string().nullable(),
      mode: z.int(),
    }),
  ),
});
export type UndoLog = z.infer<typeof UndoLog>;

/** One log a root: it is the lock as well. */
export function logFile(stateDir: string, root: string): string {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 32);
  return path.join(stateDir, `apply-${name}.json`);
}

export function logFiles(stateDir: string): string[] {
  const names = fs.existsSync(stateDir) ? fs.readdirSync(stateDir) : [];
  return names
    .filter((name) => /^apply-[0-9a-f]{32}\.json$/.test(name))
    .map((name) => path.join(stateDir, name));
}

/** Puts the log down for good, or returns false when there is one for this root already. */
export function writeLog(file: string, log: UndoLog): boolean {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    fs.writeFileSync(draft, JSON.stringify(log), { flag: 'wx', mode: 0o600, flush: true });
    // A link, unlike a rename, fails when the name is taken.
    fs.linkSync(draft, file);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
  syncFolder(path.dirname(file));
  return true;
}

export function readLog(file: string): UndoLog | undefined {
  try {
    return UndoLog.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new Error(`the undo log ${file} cannot be read: an apply stays half done`, {
      cause: error,
    });
  }
}

export function dropLog(file: string): void {
  fs.rmSync(file, { force: true });
  syncFolder(path.dirname(file));
}

export function thisProcess(): UndoLog['owner'] {
  return { pid: process.pid, started: startedAt(process.pid) ?? '' };
}

export function isAlive(owner: UndoLog['owner']): boolean {
  return startedAt(owner.pid) === owner.started;
}

/** Field 22 of /proc/PID/stat, counted behind the name, which may hold anything: tells a reused id from the old one. */
function startedAt(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return undefined;
    throw error;
  }
}

function syncFolder(folder: string): void {
  const directory = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(directory);
  } finally {
    fs.closeSync(directory);
  }
}
