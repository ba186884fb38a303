import { cpSync, globSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files that are read at run time and are no code: whatever lib/ and layers/ hold besides TypeScript. What was installed
 * into a layer stays there.
 */
export function assetFiles(root: string): string[] {
  return globSync('{lib,layers}/**/*', {
    cwd: root,
    withFileTypes: true,
    exclude: (entry) => entry.name === 'node_modules',
  })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** Copies them to where lib/kernel/assets.ts looks for them beside a bundle. */
export function copyAssets(root: string, outdir: string): void {
  for (const file of assetFiles(root)) cpSync(join(root, file), join(outdir, 'assets', file));
}
