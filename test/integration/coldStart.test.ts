import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleBytes } from '../../scripts/bench/coldStart/bundleBytes.ts';
import { initOf } from '../../scripts/bench/coldStart/initOf.ts';
import { median, table } from '../../scripts/bench/coldStart/table.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cold-start-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, source: string): string {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
}

test('what a handler does while it is imported is counted', async () => {
  const idle = file('idle.mjs', 'export const handler = async () => ({});');
  const busy = file(
    'busy.mjs',
    'const end = performance.now() + 200; while (performance.now() < end);\nexport const handler = async () => ({});',
  );
  const [first, second] = [await initOf(idle), await initOf(busy)];
  expect(first.wallMs).toBeLessThan(second.wallMs);
  expect(second.wallMs).toBeGreaterThan(199);
});

test('a file without a handler is no bundle', async () => {
  await expect(initOf(file('none.mjs', 'export const other = 1;'))).rejects.toThrow('no handler');
});

test('a bundle weighs what it imports, each chunk once, now or later', () => {
  const shared = file('shared.mjs', '// shared\n');
  const now = file(
    'now.mjs',
    'import{a}from"./shared.mjs";import{createRequire}from"node:module";',
  );
  const layer = file('layer.mjs', '// what all functions share\n');
  const later = file(
    'later.mjs',
    `import "./shared.mjs";\nimport { b } from ${JSON.stringify(layer)};`,
  );
  const entry = file('entry.mjs', 'import"./now.mjs";const x=()=>import("./later.mjs");');
  const sizes = [shared, now, layer, later, entry].map((each) => statSync(each).size);
  expect(bundleBytes(entry)).toBe(sizes.reduce((sum, size) => sum + size));
});

test('the table has a line for every function', () => {
  const row = { bytes: 2048, wallMs: 1.25, cpuMs: 10, rssMiB: 40, ratio: 5 };
  expect(table([{ name: 'one', ...row }])).toBe(
    'function  KiB  wall ms  cpu ms  RSS MiB  x empty\none         2      1.3    10.0       40      5.0',
  );
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});
