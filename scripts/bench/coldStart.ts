import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../build/bundle.ts';
import { buildEntries } from '../build/entries.ts';
import { bundleWithLayer } from '../build/runtimeLayer.ts';
import { bundleBytes } from './coldStart/bundleBytes.ts';
import { type Init, initOf } from './coldStart/initOf.ts';
import { median, type Row, table } from './coldStart/table.ts';

/**
 * `npm run bench:coldstart`: what the first import of every bundle costs in a fresh process, against an empty handler in
 * the same rounds. Wall time on a busy machine says little; compare the ratios.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    out: { type: 'string', default: '.agent/bench/coldStart.json' },
  },
});

const root = join(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
// Its own bundles: those in dist may be built anew at any time. Below node_modules, where packages are found.
const folder = mkdtempSync(join(cache, 'cold-start-'));
try {
  const files = await bundlesIn(folder);
  const rows = summarise(files, await measure(files, Number(values.rounds)));
  console.log(table(rows));
  report(resolve(values.out), rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** An empty handler, and every function twice: with all that it needs in its bundle, and with its packages in a layer. */
async function bundlesIn(folder: string): Promise<Map<string, string>> {
  const entries = buildEntries(root).filter(({ out }) => out.endsWith('/handler'));
  const empty = join(folder, 'empty.mjs');
  writeFileSync(empty, 'export const handler = async () => ({ statusCode: 204 });\n');
  const bundled = join(folder, 'bundled');
  await bundle(root, bundled, entries);
  const layered = join(folder, 'layered');
  const layer = join(folder, 'layer');
  await bundleWithLayer({ root, entries, functions: layered, layer, layerPath: layer });
  const both = entries.flatMap(({ out }): [string, string][] => [
    [dirname(out), join(bundled, `${out}.mjs`)],
    [`${dirname(out)}, layer`, join(layered, `${out}.mjs`)],
  ]);
  return new Map([['(empty)', empty], ...both]);
}

/** One process at a time; each round visits all of them, so that what disturbs the machine disturbs all. */
async function measure(files: Map<string, string>, rounds: number): Promise<Map<string, Init[]>> {
  const inits = new Map([...files.keys()].map((name): [string, Init[]] => [name, []]));
  // The first round only warms the page cache.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, file] of files) {
      const init = await initOf(file);
      if (round > 0) inits.get(name)?.push(init);
    }
  }
  return inits;
}

function summarise(files: Map<string, string>, inits: Map<string, Init[]>): Row[] {
  const rows = [...files].map(([name, file]) => {
    const measured = inits.get(name) ?? [];
    const of = (field: keyof Init) => median(measured.map((init) => init[field]));
    return {
      name,
      bytes: bundleBytes(file),
      wallMs: of('wallMs'),
      cpuMs: of('cpuMs'),
      rssMiB: of('rssMiB'),
    };
  });
  const emptyMs = rows[0]?.cpuMs ?? Number.NaN;
  return rows.map((row) => ({ ...row, ratio: row.cpuMs / emptyMs }));
}

function report(file: string, rows: Row[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    load: loadavg()[0],
  };
  const when = new Date().toISOString();
  writeFileSync(file, `${JSON.stringify({ when, machine, rows }, undefined, 2)}\n`);
  console.error(`written to ${file}`);
}
