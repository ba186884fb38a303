import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The first folder on the way to `path` that other users may not enter, or undefined. */
export function closedFolder(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
