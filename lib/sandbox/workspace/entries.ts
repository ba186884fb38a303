import fs from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { denial, inside, openDirectory, openRoot, type Place } from './beneath.ts';
import { isVersionControl } from './components.ts';
import { DeniedPath } from './deniedPath.ts';
import { resolveLink } from './links.ts';

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

/** Entries between two pauses that let the rest of the process run. */
const BETWEEN_PAUSES = 256;

/**
 * Everything below a root in sorted order per folder, a folder before what it holds, never through a link, without
 * `.git` at any depth. Throws DeniedPath at a socket, FIFO or device, and at a link that leaves the tree.
 */
export async function* entries(root: string, options: EntryOptions = {}): AsyncGenerator<Entry> {
  const start = path.resolve(root);
  const skip = options.skip ?? (() => false);
  const walk: Walk = { root: start, skip, seen: 0, signal: options.signal };
  const directory = openRoot(start);
  try {
    yield* below(walk, { directory, at: start, asked: '' });
  } finally {
    fs.closeSync(directory);
  }
}

interface Walk {
  root: string;
  skip: (relative: string) => boolean;
  seen: number;
  signal: AbortSignal | undefined;
}

async function* below(walk: Walk, place: Place): AsyncGenerator<Entry> {
  const found = fs.readdirSync(inside(place.directory, '.'), { withFileTypes: true });
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const item of found) {
    const relative = place.asked === '' ? item.name : `${place.asked}/${item.name}`;
    if (isVersionControl(item.name) || walk.skip(relative)) continue;
    walk.signal?.throwIfAborted();
    if (++walk.seen % BETWEEN_PAUSES === 0) await setImmediate();
    const asked = { ...place, asked: relative };
    if (item.isDirectory()) yield* descend(walk, asked, item.name);
    else yield entryOf(walk, asked, item);
  }
}

async function* descend(walk: Walk, place: Place, name: string): AsyncGenerator<Entry> {
  yield { kind: 'directory', path: place.asked, place, name };
  const directory = openDirectory(place, name);
  try {
    yield* below(walk, { ...place, directory, at: path.join(place.at, name) });
  } finally {
    fs.closeSync(directory);
  }
}

function entryOf(walk: Walk, place: Place, item: fs.Dirent): Entry {
  const entry = { path: place.asked, place, name: item.name };
  if (item.name.includes('\uFFFD'))
    throw denial(place, item.name, 'a name that is not UTF-8', undefined);
  if (item.isFile()) return { ...entry, kind: 'file' };
  if (!item.isSymbolicLink())
    throw denial(place, item.name, 'a socket, a FIFO or a device', undefined);
  const target = fs.readlinkSync(inside(place.directory, item.name));
  if (resolveLink(walk.root, place.asked, target) === undefined)
    throw new DeniedPath({
      path: place.asked,
      target: path.resolve(place.at, target),
      reason: `the symbolic link to ${JSON.stringify(target)} leaves the tree`,
    });
  return { ...entry, kind: 'link', target };
}
