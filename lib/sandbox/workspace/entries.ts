import fs from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { denial, inside, openDirectory, openRoot, type Place } from './beneath.ts';
import { isVersionControl } from './components.ts';
import { DeniedPath, errorCode } from './deniedPath.ts';
import { resolveLink } from './links.ts';
import { Turns } from './turns.ts';

/** One thing of a tree. Its place is open only until the next one is asked for. */
export type Entry = { path: string; place: Place; name: string } & (
  | { kind: 'directory' }
  | { kind: 'file' }
  | { kind: 'link'; target: string }
);

export interface EntryOptions {
  /** Left out, with all below: given a path relative to the root. */
  skip?: ((relative: string) => boolean) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Everything below a root in sorted order per folder, a folder before what it holds, never through a link, without
 * `.git` at any depth. Throws DeniedPath at a socket, FIFO or device, and at a link that leaves the tree.
 */
export async function* entries(root: string, options: EntryOptions = {}): AsyncGenerator<Entry> {
  const { skip = () => false, signal } = options;
  const start = path.resolve(root);
  const turns = new Turns();
  // No recursion: every level of nested generators would cost each entry another turn of the queue.
  const open: Folder[] = [];
  try {
    await enter(open, { directory: openRoot(start), at: start, asked: '' });
    for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
      signal?.throwIfAborted();
      if (turns.isOver) await turns.rest();
      const next = nextOf(folder, skip);
      if (next === undefined) leave(open);
      else {
        const entry = entryOf(rootOf(open), next.place, next.item);
        yield entry;
        if (entry.kind === 'directory') await enter(open, inner(next.place, entry.name));
      }
    }
  } finally {
    while (open.length > 0) leave(open);
  }
}

/** A folder that is being walked through. */
interface Folder {
  place: Place;
  /** Last first. */
  left: fs.Dirent[];
}

async function enter(open: Folder[], place: Place): Promise<void> {
  const folder: Folder = { place, left: [] };
  open.push(folder);
  const found = await readdir(inside(place.directory, '.'), { withFileTypes: true });
  folder.left = found.sort((a, b) => (a.name < b.name ? 1 : -1));
}

/** The root itself, whatever its path leads to by now. */
function rootOf([root]: readonly Folder[]): string {
  return inside(root?.place.directory ?? -1, '.');
}

function leave(open: Folder[]): void {
  const folder = open.pop();
  if (folder !== undefined) fs.closeSync(folder.place.directory);
}

function nextOf({ place, left }: Folder, skip: (relative: string) => boolean) {
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    if (isVersionControl(item.name)) continue;
    const here = placeOf(place, item.name);
    if (!skip(here.asked)) return { place: here, item };
  }
  return undefined;
}

function placeOf(folder: Place, name: string): Place {
  return { ...folder, asked: folder.asked === '' ? name : `${folder.asked}/${name}` };
}

function inner(place: Place, name: string): Place {
  return { ...place, directory: openDirectory(place, name), at: path.join(place.at, name) };
}

function entryOf(root: string, place: Place, item: fs.Dirent): Entry {
  const entry = { path: place.asked, place, name: item.name };
  if (item.name.includes('\uFFFD'))
    throw denial(place, item.name, 'a name that is not UTF-8', undefined);
  if (item.isDirectory()) return { ...entry, kind: 'directory' };
  if (item.isFile()) return { ...entry, kind: 'file' };
  if (!item.isSymbolicLink())
    throw denial(place, item.name, 'a socket, a FIFO or a device', undefined);
  const target = fs.readlinkSync(inside(place.directory, item.name));
  if (resolveLink(root, place.asked, target) === undefined)
    throw new DeniedPath({
      path: place.asked,
      target: realTarget(place, item.name) ?? path.resolve(place.at, target),
      reason: `the symbolic link to ${JSON.stringify(target)} leaves the tree`,
    });
  return { ...entry, kind: 'link', target };
}

/** Where a chain of links ends, undefined when nothing is there. For telling: nothing is opened. */
function realTarget(place: Place, name: string): string | undefined {
  try {
    return fs.realpathSync.native(inside(place.directory, name));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}
