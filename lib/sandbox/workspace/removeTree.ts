import fs from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './deniedPath.ts';
import { Turns } from './turns.ts';

/** Far below PATH_MAX: what a task has nested deeper is moved up before it is removed. */
const LONGEST_PATH = 2_000;

/**
 * Removes a folder with all below it, never through a link; does nothing when it is not there. In short turns, where
 * `fs.rm` queues a whole tree at once, and however deep the tree is, where `fs.rm` gives up with ENAMETOOLONG. Nothing else may
 * be at work in the folder.
 */
export async function removeTree(root: string): Promise<void> {
  const removal: Removal = { root, left: [root], moved: 0, turns: new Turns() };
  for (let folder = root; removal.left.length > 0; folder = removal.left.at(-1) ?? root)
    await passable(folder, () => removePass(removal, folder));
}

interface Removal {
  root: string;
  /** Folders that are being emptied, the next one last. */
  left: string[];
  moved: number;
  turns: Turns;
}

/** Removes what a folder holds except folders, which come next; or the folder itself when that is nothing. */
async function removePass(removal: Removal, folder: string): Promise<void> {
  const { left, turns } = removal;
  const inner: string[] = [];
  for (const item of await itemsOf(folder)) {
    if (turns.isOver) await turns.rest();
    const file = path.join(folder, item.name);
    if (item.isDirectory()) inner.push(withinReach(removal, file));
    else fs.unlinkSync(file);
  }
  left.push(...inner);
  if (inner.length > 0) return;
  left.pop();
  fs.rmSync(folder, { recursive: true, force: true });
}

function withinReach(removal: Removal, folder: string): string {
  if (folder.length < LONGEST_PATH) return folder;
  const nearer = path.join(removal.root, `.removed-${process.pid}-${removal.moved++}`);
  fs.renameSync(folder, nearer);
  return nearer;
}

async function itemsOf(folder: string): Promise<fs.Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** A task may have closed a folder that belongs to us. */
async function passable(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (errorCode(error) !== 'EACCES') throw error;
    fs.chmodSync(folder, 0o700);
    await work();
  }
}
