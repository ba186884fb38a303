import { build, type Plugin } from 'esbuild';
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

/** What all bundles have in common. */
export const BUNDLE = {
  bundle: true,
  // Shared code goes into chunks: functions in one process share one App and one pool.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  external: ['pg-native'],
  banner: { js: COMMONJS_GLOBALS },
} as const;

/** Bundles every entry into `outdir` and returns the sources of ours that were used, relative to `root`. */
export async function bundle(
  root: string,
  outdir: string,
  entries: BuildEntry[],
  plugins: Plugin[] = [],
): Promise<string[]> {
  const { metafile } = await build({
    ...BUNDLE,
    external: [...BUNDLE.external],
    absWorkingDir: root,
    entryPoints: entries,
    outdir,
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    plugins,
  });
  return Object.keys(metafile.inputs)
    .filter((path) => !path.includes('node_modules'))
    .sort();
}
