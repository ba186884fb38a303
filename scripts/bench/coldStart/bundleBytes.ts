import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Bytes of a bundle and of every chunk that it imports, at once or later; source maps are not counted. */
export function bundleBytes(file: string): number {
  const files = new Set<string>();
  const open = [file];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (files.has(next)) continue;
    files.add(next);
    open.push(...importsOf(next));
  }
  return [...files].reduce((sum, each) => sum + statSync(each).size, 0);
}

/** Chunks are named by relative paths and what lies in the layer by absolute ones; everything else is Node's own. */
function importsOf(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(
    /(?:from|import)\s*\(?\s*"(\.{0,2}\/[^"]+\.mjs)"/g,
  );
  return [...found].map(([, path = '']) => resolve(dirname(file), path));
}
