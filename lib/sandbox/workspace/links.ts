import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from './deniedPath.ts';

/** More hops than this is a loop to the kernel as well (ELOOP). */
const MAX_HOPS = 40;

/**
 * Where a link leads when every link on the way is followed, as a path below `root`, or undefined when it leaves the
 * tree at any step. Lexical resolution is not enough: `inner/..` is elsewhere when `inner` is itself a link.
 * `link` is relative to the root; what is not there counts as a plain name.
 */
export function resolveLink(root: string, link: string, target: string): string | undefined {
  let walk: Walk | undefined = enter({ at: parts(path.dirname(link)), left: [], hops: 0 }, target);
  while (walk !== undefined && walk.left.length > 0) walk = step(root, walk);
  return walk?.at.join('/');
}

interface Walk {
  /** Folders and names that are known to be no links. */
  at: string[];
  left: string[];
  hops: number;
}

function step(root: string, walk: Walk): Walk | undefined {
  const [part = '', ...left] = walk.left;
  if (part === '..')
    return walk.at.length === 0 ? undefined : { ...walk, at: walk.at.slice(0, -1), left };
  const next = [...walk.at, part];
  const further = readLink(path.join(root, ...next));
  return further === undefined ? { ...walk, at: next, left } : enter({ ...walk, left }, further);
}

function enter(walk: Walk, target: string): Walk | undefined {
  if (path.isAbsolute(target) || walk.hops >= MAX_HOPS) return undefined;
  return { ...walk, left: [...parts(target), ...walk.left], hops: walk.hops + 1 };
}

function parts(relative: string): string[] {
  return relative.split('/').filter((part) => part !== '' && part !== '.');
}

function readLink(file: string): string | undefined {
  try {
    return fs.readlinkSync(file);
  } catch (error) {
    if (['EINVAL', 'ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}
