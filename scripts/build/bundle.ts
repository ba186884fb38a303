import { build } from 'esbuild';
import type { BuildEntry } from './entries.ts';

/**
 * CommonJS packages inside a bundle call `require` for Node's own modules, and some read `__dirname`; an ES module has
 * neither.
 */
const COMMONJS_GLOBALS = [
  "import{createRequire as __createRequire}from'node:module';",
  'const require=__createRequire(import.meta.url);',
  'const __filename=import.meta.filename,__dirname=import.meta.dirname;',
].join('');

/**
 * Bundles every entry into `outdir` and returns the sources of ours that were used, relative to `root`. With `packages`
 * external, third-party code stays where it is and is imported when the bundle is.
 */
export async function bundle(
  root: string,
  outdir: string,
  entries: BuildEntry[],
  packages: 'bundle' | 'external' = 'bundle',
): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir,
    bundle: true,
    packages,
    // Shared code goes into chunks: functions in one process share one App and one pool.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    sourcemap: 'linked',
    sourcesContent: false,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    external: ['pg-native'],
    banner: { js: COMMONJS_GLOBALS },
  });
  return Object.keys(metafile.inputs)
    .filter((path) => !path.includes('node_modules'))
    .sort();
}
