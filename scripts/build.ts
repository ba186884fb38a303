import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyAssets } from './build/assets.ts';
import { bundle } from './build/bundle.ts';
import { type BuildEntry, buildEntries } from './build/entries.ts';
import { fingerprint, RECORD_FILE, readRecord } from './build/fingerprint.ts';
import { replaceFolder } from './build/replaceFolder.ts';
import { bundleWithLayer } from './build/runtimeLayer.ts';

export interface BuildReport {
  /** Absolute path of the folder with the bundles. */
  outdir: string;
  ms: number;
  /** Names of the functions, sorted. */
  functions: string[];
  /** False when the bundles were up to date and nothing was touched. */
  built: boolean;
}

/**
 * Bundles every function into dist/<name>/{handler,main}.mjs, with the files they read at run time in dist/assets; and for
 * Lambda once more into dist/layered without the packages, which lie in dist/layer, as AWS unpacks it at /opt. The new folder replaces the old one only when it is complete; when no input has changed the old one stays, so that a
 * start beside a running service takes no file from under it.
 */
export async function buildFunctions(root = join(import.meta.dirname, '..')): Promise<BuildReport> {
  const started = performance.now();
  const outdir = join(root, 'dist');
  const report = (functions: string[], built: boolean): BuildReport => {
    return { outdir, ms: Math.round(performance.now() - started), functions, built };
  };
  const previous = readRecord(outdir);
  if (previous?.fingerprint === fingerprint(root, previous?.sources ?? [])) {
    return report(previous.functions, false);
  }
  return report(await buildInto(root, outdir), true);
}

async function buildInto(root: string, outdir: string): Promise<string[]> {
  const entries = buildEntries(root);
  const functions = entries.map(({ out }) => out.split('/')[0] ?? out);
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'dist-'));
  try {
    const sources = await bundle(root, fresh, entries);
    await buildLayered(root, fresh, entries);
    copyAssets(root, fresh);
    const record = { fingerprint: fingerprint(root, sources), sources, functions };
    writeFileSync(join(fresh, RECORD_FILE), JSON.stringify(record));
    replaceFolder(fresh, outdir);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return functions;
}

async function buildLayered(root: string, outdir: string, entries: BuildEntry[]): Promise<void> {
  const functions = join(outdir, 'layered');
  await bundleWithLayer({
    root,
    // The worker is a container, which has no layers.
    entries: entries.filter(({ out }) => out.endsWith('/handler')),
    functions,
    layer: join(outdir, 'layer/nodejs/runtime'),
  });
  copyAssets(root, functions);
}

if (import.meta.main) {
  const { ms, functions, built } = await buildFunctions();
  const what = built ? `${functions.length} functions bundled` : 'functions are up to date';
  console.error(`build: ${what} in ${ms} ms`);
}
