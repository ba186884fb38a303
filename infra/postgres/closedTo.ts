import { statSync } from 'node:fs';
import { dirname } from 'node:path';

export interface User {
  name: string;
  uid: number;
  gid: number;
}

/** The uppermost folder on the way to `path` that the user may not enter, by its mode; undefined when there is none. */
export function closedTo(user: User, path: string): string | undefined {
  const closed: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!mayEnter(user, folder)) closed.push(folder);
    if (folder === dirname(folder)) return closed.at(-1);
  }
}

/** What is not there yet will be made so that it can be entered. */
function mayEnter({ uid, gid }: User, folder: string): boolean {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return true;
  if (found.uid === uid) return (found.mode & 0o100) !== 0;
  if (found.gid === gid) return (found.mode & 0o010) !== 0;
  return (found.mode & 0o001) !== 0;
}
