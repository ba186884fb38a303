import { cpSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { OracleSetting } from '../plan.ts';

/** What the declarations of Node's own modules consist of. */
const PACKAGES = ['@types/node', 'undici-types'];

/**
 * Flags that give a project without packages the types of Node, taken from the service's own installation. None where
 * the project brings its own or says itself which types it wants.
 */
export function nodeTypeFlags(
  { tree, reportDir }: OracleSetting,
  config: string | undefined,
): string[] {
  const brings = tree.files.some((path) => path.startsWith('node_modules/@types/node/'));
  const says = config !== undefined && /"types"\s*:/.test(tree.read(config) ?? '');
  if (brings || says || !layOut(join(reportDir, 'node_modules'))) return [];
  return ['--types', 'node', '--typeRoots', './node_modules/@types,/report/node_modules/@types'];
}

function layOut(folder: string): boolean {
  const found = PACKAGES.map((name) => [name, locate(name)] as const);
  for (const [name, source] of found) {
    if (source === undefined) return false;
    cpSync(source, join(folder, name), { recursive: true, dereference: true });
  }
  return true;
}

function locate(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  const folder = (require.resolve.paths(name) ?? [])
    .map((modules) => join(modules, name))
    .find((candidate) => existsSync(join(candidate, 'package.json')));
  return folder;
}
