import fs from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { spaceOf } from '../run/diskUsage.ts';
import { denial, inside, openDirectory, type Place } from './beneath.ts';
import { Turns } from './turns.ts';

export interface Preflight {
  /** Blocks held by all files, in bytes. */
  bytes: number;
}

/**
 * Looks through a tree before a run: throws DeniedPath at a socket, FIFO or device (a door to a daemon of the host), and
 * makes everything belong to `owner` where one is given. Links are left as they are: inside the sandbox they lead nowhere
 * else. `directory` is the open root, so that nobody can exchange it between this look and the run.
 */
export async function preflight(
  directory: number,
  root: string,
  owner: number | undefined,
): Promise<Preflight> {
  const look: Look = { bytes: 0, turns: new Turns(), owner };
  if (owner !== undefined && fs.fstatSync(directory).uid !== owner)
    fs.fchownSync(directory, owner, owner);
  await lookThrough(look, { directory, at: root, asked: '' });
  return { bytes: look.bytes };
}

interface Look extends Preflight {
  turns: Turns;
  owner: number | undefined;
}

async function lookThrough(look: Look, place: Place): Promise<void> {
  for (const name of await readdir(inside(place.directory, '.'))) {
    if (look.turns.isOver) await look.turns.rest();
    const here = { ...place, asked: path.posix.join(place.asked, name) };
    if (lookAt(look, here, name).isDirectory()) await descend(look, here, name);
  }
}

function lookAt(look: Look, place: Place, name: string): fs.Stats {
  const file = inside(place.directory, name);
  const stats = fs.lstatSync(file);
  if (!stats.isFile() && !stats.isDirectory() && !stats.isSymbolicLink())
    throw denial(place, name, 'a socket, a FIFO or a device', undefined);
  if (look.owner !== undefined && stats.uid !== look.owner)
    fs.lchownSync(file, look.owner, look.owner);
  look.bytes += spaceOf(stats);
  return stats;
}

async function descend(look: Look, place: Place, name: string): Promise<void> {
  const directory = openDirectory(place, name);
  try {
    await lookThrough(look, { ...place, directory, at: path.join(place.at, name) });
  } finally {
    fs.closeSync(directory);
  }
}
