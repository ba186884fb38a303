import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFolder } from '../../../scripts/build/replaceFolder.ts';
import { buildFunctions } from '../../../scripts/build.ts';

const repository = join(import.meta.dirname, '../../..');
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'build-'));
  write('package-lock.json', '{}');
  write('tsconfig.json', '{}');
  cpSync(join(repository, 'lib/kernel/assets.ts'), join(root, 'lib/kernel/assets.ts'));
  write('lib/db/migrations/0001_first.sql', 'select 1;');
  write('lib/shared.ts', 'export const shared = { calls: 0 };\n');
  write('functions/one/handler.ts', ONE);
  write('functions/two/handler.ts', ONE);
  write('functions/worker/main.ts', 'export const started: boolean = true;\n');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const ONE = `
import { readFileSync } from 'node:fs';
import { assetPath } from '../../lib/kernel/assets.ts';
import { shared } from '../../lib/shared.ts';
export const handler = async () => {
  shared.calls += 1;
  return { calls: shared.calls, sql: readFileSync(assetPath('lib/db/migrations/0001_first.sql'), 'utf8') };
};
`;

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

async function handlerOf(name: string): Promise<() => Promise<unknown>> {
  const file = join(root, 'dist', name, 'handler.mjs');
  const { handler } = await import(/* @vite-ignore */ pathToFileURL(file).href);
  return handler;
}

test('bundles share their modules in one process and find their assets', async () => {
  const report = await buildFunctions(root);
  expect(report).toMatchObject({ functions: ['one', 'two', 'worker'], built: true });
  const one = await handlerOf('one');
  const two = await handlerOf('two');
  expect(await one()).toEqual({ calls: 1, sql: 'select 1;' });
  expect(await two()).toEqual({ calls: 2, sql: 'select 1;' });
  expect(existsSync(join(root, 'dist/worker/main.mjs'))).toBe(true);
});

test('a second build with nothing changed leaves the folder alone', async () => {
  await buildFunctions(root);
  const before = statSync(join(root, 'dist')).ino;
  expect(await buildFunctions(root)).toMatchObject({
    functions: ['one', 'two', 'worker'],
    built: false,
  });
  expect(statSync(join(root, 'dist')).ino).toBe(before);
});

test.each([
  ['a source', 'lib/shared.ts', 'export const shared = { calls: 10 };\n'],
  ['an asset', 'lib/db/migrations/0001_first.sql', 'select 2;'],
  ['a new asset', 'lib/agents/prompts/new.md', 'hello'],
  ['a new function', 'functions/three/handler.ts', ONE],
  ['the lockfile', 'package-lock.json', '{"a":1}'],
])('%s that changes makes a new build', async (_name, file, text) => {
  await buildFunctions(root);
  write(file, text);
  expect(await buildFunctions(root)).toMatchObject({ built: true });
});

test('a build that fails leaves the last one in place and nothing beside it', async () => {
  await buildFunctions(root);
  write('functions/two/handler.ts', "import './missing.ts';\n");
  await expect(buildFunctions(root)).rejects.toThrow('missing.ts');
  expect(existsSync(join(root, 'dist/two/handler.mjs'))).toBe(true);
  expect(readdirSync(join(root, 'node_modules/.cache'))).toEqual([]);
});

test('two builds at the same time both succeed', async () => {
  const reports = await Promise.all([buildFunctions(root), buildFunctions(root)]);
  expect(reports.map(({ built }) => built)).toEqual([true, true]);
  expect(existsSync(join(root, 'dist/one/handler.mjs'))).toBe(true);
  expect(readdirSync(join(root, 'node_modules/.cache'))).toEqual([]);
});

test('a folder takes the place of another one, or of none', () => {
  write('fresh/new.txt', 'new');
  replaceFolder(join(root, 'fresh'), join(root, 'target'));
  expect(readdirSync(join(root, 'target'))).toEqual(['new.txt']);
  write('fresh/newer.txt', 'newer');
  replaceFolder(join(root, 'fresh'), join(root, 'target'));
  expect(readdirSync(join(root, 'target'))).toEqual(['newer.txt']);
  expect(existsSync(join(root, 'fresh.old'))).toBe(false);
});
