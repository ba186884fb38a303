import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build, type OnResolveArgs, type OnResolveResult, type Plugin } from 'esbuild';
import { BUNDLE, bundle } from './bundle.ts';
import type { BuildEntry } from './entries.ts';
import { usedExports } from './usedExports.ts';

/**
 * Where Lambda unpacks `nodejs/runtime` of a layer. Imports name it in full: Node looks for packages of ES modules beside
 * the importing file only, never in NODE_PATH.
 */
const LAMBDA_LAYER = '/opt/nodejs/runtime';

export interface LayeredBuild {
  root: string;
  entries: BuildEntry[];
  /** Folder for the bundles, which hold nothing of third parties. */
  functions: string;
  /** Folder for what they import of third parties: one file per package, and chunks that packages share. */
  layer: string;
  /** Where the files of `layer` will lie when a function is started. */
  layerPath?: string;
}

/**
 * Bundles the functions without their packages, and of the packages what the functions import, each once. A function that
 * asked the layer for something that it has not got would be refused here.
 */
export async function bundleWithLayer(layered: LayeredBuild): Promise<void> {
  const { root, entries, functions, layerPath = LAMBDA_LAYER } = layered;
  const packages = new Set<string>();
  await bundle(root, functions, entries, [outsourced(layerPath, packages)]);
  const code = globSync('**/*.mjs', { cwd: functions }).map((file) =>
    readFileSync(join(functions, file), 'utf8'),
  );
  const used = usedExports(code, (name) => pathIn(layerPath, name), [...packages]);
  await bundleLayer(layered, used);
  await checkImports(layered, layerPath);
}

/** Turns imports of packages into imports of the layer's files, and collects their names. */
function outsourced(layerPath: string, packages: Set<string>): Plugin {
  const resolve = ({ path, kind, importer }: OnResolveArgs): OnResolveResult | undefined => {
    if (kind === 'entry-point' || isOfNode(path)) return undefined;
    if (kind !== 'import-statement') {
      return {
        errors: [{ text: `${importer}: the layer cannot tell what ${kind} takes of ${path}` }],
      };
    }
    packages.add(path);
    return { path: pathIn(layerPath, path), external: true };
  };
  return {
    name: 'outsourced',
    setup: ({ onResolve }) => onResolve({ filter: /^[^./]/ }, resolve),
  };
}

function isOfNode(path: string): boolean {
  return path.startsWith('node:') || builtinModules.includes(path);
}

function pathIn(layerPath: string, name: string): string {
  return `${layerPath}/${name.replaceAll('/', '+')}.mjs`;
}

const VIRTUAL = 'layer:';

async function bundleLayer(
  { root, layer }: LayeredBuild,
  used: Map<string, Set<string>>,
): Promise<void> {
  const exported: Plugin = {
    name: 'exported',
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: new RegExp(`^${VIRTUAL}`) }, ({ path }) => ({
        path: path.slice(VIRTUAL.length),
        namespace: 'layer',
      }));
      onLoad({ filter: /.*/, namespace: 'layer' }, ({ path }) => ({
        contents: `export { ${[...(used.get(path) ?? [])].join(', ')} } from '${path}';`,
        resolveDir: root,
      }));
    },
  };
  await build({
    ...BUNDLE,
    external: [...BUNDLE.external],
    absWorkingDir: root,
    entryPoints: [...used.keys()].map((name) => ({
      in: `${VIRTUAL}${name}`,
      out: pathIn('.', name).slice(2, -4),
    })),
    outdir: layer,
    minifyWhitespace: true,
    plugins: [exported],
  });
}

/** Node would find a missing name only when a function starts, and a missing one of a namespace not even then. */
async function checkImports(
  { root, entries, functions, layer }: LayeredBuild,
  layerPath: string,
): Promise<void> {
  const unpacked: Plugin = {
    name: 'unpacked',
    setup: ({ onResolve }) =>
      onResolve({ filter: /\.mjs$/ }, ({ path }) =>
        path.startsWith(`${layerPath}/`)
          ? { path: join(layer, path.slice(layerPath.length)) }
          : undefined,
      ),
  };
  const { warnings } = await build({
    ...BUNDLE,
    external: [...BUNDLE.external],
    absWorkingDir: root,
    entryPoints: entries.map(({ out }) => join(functions, `${out}.mjs`)),
    outdir: functions,
    write: false,
    logLevel: 'silent',
    plugins: [unpacked],
  });
  const missing = warnings.filter(({ id }) => id === 'import-is-undefined');
  if (missing.length > 0) {
    throw new Error(
      `the layer lacks what functions import: ${missing.map(({ text }) => text).join(' ')}`,
    );
  }
}
