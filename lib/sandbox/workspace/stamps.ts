import fs from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { sandboxUser } from '../launch/launcher.ts';
import { openRoot } from './beneath.ts';
import { preflight } from './preflight.ts';
import { removeTree } from './removeTree.ts';
import { Turns } from './turns.ts';

/** Path > what tells that nothing was done to it since. The paths are relative to the root; folders are among them. */
export type Stamps = ReadonlyMap<string, string>;

/**
 * Stamps of everything below a root, `.git` included, as a tool that is run in it next finds it: already with the owner
 * that a run would give it. Nothing may be at work in the root.
 */
export async function stampsOf(root: string): Promise<Stamps> {
  await giveToSandbox(root);
  const stamps = new Map<string, string>();
  await eachBelow(root, (relative, stats) => {
    stamps.set(relative, stampOf(stats));
    return 'enter';
  });
  return stamps;
}

async function giveToSandbox(root: string): Promise<void> {
  const owner = sandboxUser();
  if (owner === undefined) return;
  const directory = openRoot(root);
  try {
    await preflight(directory, root, owner);
  } finally {
    fs.closeSync(directory);
  }
}

/**
 * Takes away what was added below a root since the stamps were taken. False: something else was done there, and the tree
 * is not what it was. Throws the system's error where it cannot look. Nothing may be at work in the root any more.
 */
export async function removeAdded(root: string, stamps: Stamps): Promise<boolean> {
  const added: string[] = [];
  let same = 0;
  let changed = 0;
  await eachBelow(root, (relative, stats) => {
    const stamp = stamps.get(relative);
    if (stamp === undefined) added.push(relative);
    else if (stamp === stampOf(stats)) same += 1;
    else changed += 1;
    return stamp === undefined ? 'pass' : 'enter';
  });
  if (changed > 0 || same < stamps.size) return false;
  for (const relative of added) await removeOne(path.join(root, relative));
  return true;
}

async function removeOne(at: string): Promise<void> {
  if (fs.lstatSync(at).isDirectory()) await removeTree(at);
  else fs.unlinkSync(at);
}

/**
 * Whoever may write to a file can set its size and its time of modification back, but not the time of the change of its
 * inode: a write, a chmod, a link and a setting back of times all move it. A folder's moves with every file that comes
 * and goes, so that there its identity and mode must do; what is in it has stamps of its own.
 */
function stampOf(stats: fs.BigIntStats): string {
  const { dev, ino, mode, uid, gid } = stats;
  const identity = [dev, ino, mode, uid, gid];
  if (stats.isDirectory()) return identity.join(' ');
  return [...identity, stats.nlink, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
}

type Visit = (relative: string, stats: fs.BigIntStats) => 'enter' | 'pass';

async function eachBelow(root: string, visit: Visit): Promise<void> {
  const turns = new Turns();
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of await readdir(path.join(root, folder))) {
      if (turns.isOver) await turns.rest();
      const relative = path.join(folder, name);
      const stats = fs.lstatSync(path.join(root, relative), { bigint: true });
      if (visit(relative, stats) === 'enter' && stats.isDirectory()) folders.push(relative);
    }
  }
}
