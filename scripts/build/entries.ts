import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';

export interface BuildEntry {
  /** Source, relative to the repository. */
  in: string;
  /** Bundle, relative to the output folder, without its extension. */
  out: string;
}

/** Every function's door: functions/<name>/handler.ts, and main.ts of the worker. */
export function buildEntries(root: string): BuildEntry[] {
  return globSync('functions/*/{handler,main}.ts', { cwd: root })
    .sort()
    .map((path) => ({
      in: path,
      out: `${basename(dirname(path))}/${basename(path, '.ts')}`,
    }));
}
