import { renameSync, rmSync } from 'node:fs';

const ATTEMPTS = 10;

/**
 * Puts `fresh` in the place of `target` by renaming, so that nobody ever sees half a folder. Where two builds swap at
 * the same time the last one stays.
 */
export function replaceFolder(fresh: string, target: string): void {
  for (let attempt = 1; ; attempt += 1) {
    const old = `${fresh}.old`;
    moveAway(target, old);
    rmSync(old, { recursive: true, force: true });
    try {
      renameSync(fresh, target);
      return;
    } catch (error) {
      if (!isTaken(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

function moveAway(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function isTaken(error: unknown): boolean {
  return codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
