import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { assetFiles } from './assets.ts';
import { buildEntries } from './entries.ts';

/** What a finished build remembers of itself, in its folder. */
const BuildRecord = z.object({
  fingerprint: z.string(),
  /** Sources that went into the bundles, relative to the repository. */
  sources: z.array(z.string()),
  functions: z.array(z.string()),
});
export type BuildRecord = z.infer<typeof BuildRecord>;

export const RECORD_FILE = 'build.json';

/** The record of the build in `outdir`, if there is one that can be read. */
export function readRecord(outdir: string): BuildRecord | undefined {
  const file = join(outdir, RECORD_FILE);
  if (!existsSync(file)) return undefined;
  const parsed = BuildRecord.safeParse(parseJson(readFileSync(file, 'utf8')));
  return parsed.success ? parsed.data : undefined;
}

/**
 * Hash of all that a build depends on: its sources, assets, entries, the build's own code, and the lockfile in place of
 * the packages.
 */
export function fingerprint(root: string, sources: readonly string[]): string {
  const hash = createHash('sha256')
    .update(process.version)
    .update(JSON.stringify(buildEntries(root)));
  const own = globSync('scripts/{build.ts,build/*.ts}', { cwd: root }).sort();
  for (const file of [
    ...sources,
    ...assetFiles(root),
    ...own,
    'package-lock.json',
    'tsconfig.json',
  ]) {
    hash.update(`\0${file}\0`).update(contentOf(join(root, file)));
  }
  return hash.digest('hex');
}

function contentOf(file: string): Buffer | string {
  return existsSync(file) ? readFileSync(file) : 'missing';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
