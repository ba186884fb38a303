import { fileURLToPath } from 'node:url';

/**
 * Absolute path of a file that is read at run time and is no code (SQL, prompts, model cards). `pathInRepository` is
 * relative to the repository's root, for example `lib/db/migrations`. The build copies every such file below lib/ and
 * layers/ to dist/assets, one folder beside each bundle, so the same call works from the source tree, from dist and on
 * Lambda.
 */
export function assetPath(pathInRepository: string): string {
  return fileURLToPath(new URL(pathInRepository, assetRoot()));
}

/** Bundles are .mjs and lie in dist/<folder>/; this source file is lib/kernel/assets.ts. */
function assetRoot(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(isSource ? '../../' : '../assets/', import.meta.url);
}
