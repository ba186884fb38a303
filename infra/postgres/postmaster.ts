import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';

/** What a running server writes into its data directory. */
export interface Postmaster {
  pid: number;
  port: number;
}

/**
 * The live server of this data directory, or undefined. The file of a dead one is removed when its process id has been
 * given to another program since (certain after a container restart): Postgres itself would refuse to start.
 */
export function livePostmaster(dataDir: string): Postmaster | undefined {
  const file = join(dataDir, 'postmaster.pid');
  const lines = readLines(file);
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  if (!isAlive(pid)) return undefined;
  if (servesFolder(pid, dataDir)) return Number.isInteger(port) ? { pid, port } : undefined;
  rmSync(file, { force: true });
  return undefined;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A postmaster works inside its data directory; elsewhere than on Linux its command line names it. */
function servesFolder(pid: number, dataDir: string): boolean {
  const folder = realpathSync(dataDir);
  if (process.platform !== 'linux') {
    const listing = execaSync('ps', ['-p', String(pid), '-o', 'command='], { reject: false });
    return listing.stdout.includes(dataDir) || listing.stdout.includes(folder);
  }
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch (error) {
    // Not ours to look at, so not our server; or it ended just now.
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
