import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildEntries } from '../../../scripts/build/entries.ts';
import { bundleWithLayer } from '../../../scripts/build/runtimeLayer.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runtime-layer-'));
  write('tsconfig.json', '{}');
  write(
    'node_modules/old/index.js',
    "exports.greet = (name) => 'hello ' + name;\nexports.unused = 1;",
  );
  write('node_modules/new/package.json', '{"type":"module","exports":{".":"./index.js"}}');
  write(
    'node_modules/new/index.js',
    "export const add = (a, b) => a + b;\nexport const unused = 'never-asked-for';",
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

async function build(): Promise<void> {
  await bundleWithLayer({
    root,
    entries: buildEntries(root),
    functions: join(root, 'functionsOut'),
    layer: join(root, 'layerOut'),
    layerPath: join(root, 'layerOut'),
  });
}

const contentOf = (file: string) => readFileSync(join(root, file), 'utf8');

test('a function takes from the layer what it imports, and the layer holds nothing else', async () => {
  write(
    'functions/one/handler.ts',
    "import { greet } from 'old';\nimport * as everything from 'new';\nexport const handler = async (): Promise<string> => greet(String(everything.add(1, 2)));",
  );
  await build();
  expect(readdirSync(join(root, 'layerOut')).filter((name) => name.endsWith('.mjs'))).toEqual([
    'new.mjs',
    'old.mjs',
  ]);
  expect(contentOf('functionsOut/one/handler.mjs')).not.toContain('hello');
  expect(contentOf('layerOut/new.mjs')).not.toContain('never-asked-for');
  const file = pathToFileURL(join(root, 'functionsOut/one/handler.mjs')).href;
  const { handler } = await import(/* @vite-ignore */ file);
  expect(await handler()).toBe('hello 3');
});

test('an export that a package has not got is refused by the build, not by the first request', async () => {
  write(
    'functions/one/handler.ts',
    "import { absent } from 'new';\nexport const handler = async () => absent;",
  );
  await expect(build()).rejects.toThrow('No matching export');
});

test('a package that is imported later is refused: nobody can tell what is taken of it', async () => {
  write('functions/one/handler.ts', "export const handler = async () => import('new');");
  await expect(build()).rejects.toThrow('the layer cannot tell what dynamic-import takes of new');
});
