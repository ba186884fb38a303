import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const MAX_REPORTS = 5_000;

/**
 * Files below `root` whose relative path matches, sorted. Links are not followed: what judged code left behind may
 * point anywhere.
 */
export function listReports(root: string, pattern: RegExp): string[] {
  const found: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== 'node_modules') folders.push(path);
      if (entry.isFile() && pattern.test(path) && found.length < MAX_REPORTS) found.push(path);
    }
  }
  return found.sort();
}

/** Reports that lie in the tree before its tests have run are not of this run: an answer may have brought them along. */
export function removeOldReports(root: string, pattern: RegExp): void {
  for (const path of listReports(root, pattern)) rmSync(join(root, path));
}
