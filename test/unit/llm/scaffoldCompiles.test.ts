import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, type TestContext, test } from 'vitest';
import type { CodingContext } from '../../../lib/llm/llm.ts';
import { scaffoldFiles } from '../../../lib/llm/scaffold/scaffoldAnswer.ts';
import { generateRequest } from '../../support/generateRequest.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const GOAL = 'Break out */ of "it" \\u000a --> `now` #{x} %s';

function layOut(context: Partial<CodingContext>): { root: string; paths: string[] } {
  const root = mkdtempSync(join(tmpdir(), 'scaffold-'));
  folders.push(root);
  const files = scaffoldFiles(generateRequest({ context: { goal: GOAL, ...context } }).context);
  for (const { path, content } of files) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return { root, paths: files.map(({ path }) => path) };
}

/** Runs a tool in the folder; skips the test where the tool is not installed. */
async function run(context: TestContext, root: string, [command = '', ...args]: string[]) {
  const ran = await execa(command, args, {
    all: true,
    cancelSignal: context.signal,
    cwd: root,
    env: { GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local' },
    reject: false,
    stdin: 'ignore',
  });
  if (ran.code === 'ENOENT') context.skip(`${command} is missing: install it to run this test`);
  return { exit: ran.exitCode, output: ran.all };
}

describe('what the scaffold lays out compiles and its smoke test passes', () => {
  test('Java, with nothing but the JDK', async (context) => {
    const { root, paths } = layOut({
      language: 'java',
      expectedFiles: [
        'src/main/java/com/acme/product/ProductResolver.java',
        'src/main/java/com/acme/package-info.java',
        'src/main/java/Root.java',
      ],
    });
    const sources = paths.filter((path) => path.endsWith('.java'));
    expect(
      await run(context, root, ['javac', '-Xlint:all', '-Werror', '-d', 'out', ...sources]),
    ).toEqual({
      exit: 0,
      output: '',
    });
    const main = 'com.acme.product.ProductResolverSmokeTest';
    expect(await run(context, root, ['java', '-ea', '-cp', 'out', main])).toEqual({
      exit: 0,
      output: 'smoke test passed: com.acme.product.ProductResolver',
    });
    expect((await run(context, root, ['java', '-cp', 'out', main])).exit).toBe(1);
    expect((await run(context, root, ['java', '-ea', '-cp', 'out', 'RootSmokeTest'])).exit).toBe(0);
  });

  test('Python, found by the discovery of unittest', async (context) => {
    const { root } = layOut({
      language: 'python',
      expectedFiles: ['shop/cart.py', 'shop/__init__.py', 'x.py'],
    });
    const { exit, output } = await run(context, root, ['python3', '-m', 'unittest', 'discover']);
    expect(output).toContain('Ran 1 test');
    expect(exit).toBe(0);
  });

  test.each([
    ['typescript', ['src/cart.ts', 'src/view.tsx', 'src/types.d.ts']],
    ['javascript', ['src/cart.js', 'src/old.cjs', 'src/new.mjs']],
  ] as const)('%s, by the runner of Node', async (language, expectedFiles) => {
    const { root } = layOut({ language, expectedFiles });
    const ran = await execa(process.execPath, ['--test'], { cwd: root, reject: false });
    const loaded = language === 'typescript' ? 1 : 3;
    expect(ran.stdout).toContain(`pass ${loaded}\n`);
    expect(ran.exitCode).toBe(0);
  });

  // A cold build cache compiles Go's own library first.
  test('Go', { timeout: 180_000 }, async (context) => {
    const { root } = layOut({
      language: 'go',
      expectedFiles: ['cart/cart.go', 'cmd/shop/main.go', 'cart/more_test.go'],
    });
    expect(await run(context, root, ['go', 'vet', './...'])).toEqual({ exit: 0, output: '' });
    const { exit, output } = await run(context, root, ['go', 'test', '-v', './...']);
    expect(output).toContain('--- PASS: TestCartSmoke');
    expect(exit).toBe(0);
  });

  test.for([
    ['c', ['src/cart.c', 'src/cart.h', 'main.c']],
    ['cpp', ['cart.cpp', 'cart.hpp']],
  ] as const)('%s, by its Makefile', async ([language, expectedFiles], context) => {
    const { root } = layOut({ language, expectedFiles: [...expectedFiles] });
    const flags = ['CFLAGS=-std=c99 -Wextra -Werror -pedantic', 'CXXFLAGS=-Wextra -Werror'];
    const { exit, output } = await run(context, root, ['make', 'test', ...flags]);
    expect(output).toContain('smoke test passed');
    expect(exit).toBe(0);
  });

  test('Rust', async (context) => {
    const { root } = layOut({
      language: 'rust',
      expectedFiles: ['src/cart.rs', 'src/shop/mod.rs', 'tests/buy.rs'],
    });
    const version = await run(context, root, ['cargo', '--version']);
    if (version.exit !== 0) context.skip('cargo has no toolchain: rustup default stable');
    const { exit, output } = await run(context, root, ['cargo', 'test', '--offline', '--quiet']);
    expect(output).toContain('test result: ok. 3 passed');
    expect(exit).toBe(0);
  });
});
