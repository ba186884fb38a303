import { beforeAll, beforeEach, expect, type TestContext, test } from 'vitest';
import type { ExecRequest, Sandbox } from '../../../lib/sandbox/sandbox.ts';
import { exec, openTestSandbox, run, skipWithoutIsolation, workspaceWith } from './testSandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox();
});
beforeEach((context) => skipWithoutIsolation(sandbox, context));

type Words = Pick<ExecRequest, 'tool' | 'args'>;

async function runOrSkip(context: TestContext, workspace: string, { tool, args }: Words) {
  const outcome = await exec(sandbox, { tool, args, workspace });
  if (outcome.kind === 'unavailable') context.skip(outcome.remedy);
  return outcome;
}

const HELLO =
  'public class Hello { public static void main(String[] a) { System.out.println("hello " + Runtime.version().feature()); } }';

test('javac compiles and java runs what it compiled', async (context) => {
  const workspace = workspaceWith({ 'src/Hello.java': HELLO });
  const javac = { tool: 'javac', args: ['-d', 'out', 'src/Hello.java'] };
  expect(await runOrSkip(context, workspace, javac)).toMatchObject({ exit: 0, stderr: '' });
  const java = await run(sandbox, { tool: 'java', args: ['-cp', 'out', 'Hello'], workspace });
  expect(java).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/^hello \d+\n$/),
    stderr: '',
  });
});

test('each JDK runs under its own name', async () => {
  const jdks = (await sandbox.toolchains()).filter(({ tool }) => /^java-\d+$/.test(tool));
  const workspace = workspaceWith({ 'Hello.java': HELLO });
  const ran = await Promise.all(
    jdks.map(({ tool }) => run(sandbox, { tool, args: ['Hello.java'], workspace })),
  );
  expect(ran.map(({ stdout }) => stdout)).toEqual(
    jdks.map(({ tool }) => `hello ${tool.slice(5)}\n`),
  );
});

test('a compile error is the exit of javac', async (context) => {
  const workspace = workspaceWith({ 'Broken.java': 'class Broken { int x = "no"; }' });
  const outcome = await runOrSkip(context, workspace, { tool: 'javac', args: ['Broken.java'] });
  expect(outcome).toMatchObject({ exit: 1, stderr: expect.stringContaining('incompatible types') });
});

test('python3 runs unit tests', async (context) => {
  const code =
    'import unittest\nclass T(unittest.TestCase):\n  def test_sum(self): self.assertEqual(1 + 1, 2)\n';
  const workspace = workspaceWith({ 'test_sum.py': code });
  const words = { tool: 'python3', args: ['-m', 'unittest', '-v'] };
  expect(await runOrSkip(context, workspace, words)).toMatchObject({
    exit: 0,
    stderr: expect.stringContaining('OK'),
  });
});

test('node runs its own tests, on a bare machine too', async () => {
  const code =
    "import test from 'node:test';\nimport assert from 'node:assert';\ntest('sum', () => assert.equal(1 + 1, 2));\n";
  const workspace = workspaceWith({ 'sum.test.mjs': code });
  const ran = await run(sandbox, {
    tool: 'node',
    args: ['--test', '--test-reporter=tap'],
    workspace,
  });
  expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('ok 1 - sum') });
});

test('tsc finds a wrong type and knows the types of Node without any node_modules', async () => {
  const workspace = workspaceWith({
    'right.ts':
      "import { readFileSync } from 'node:fs';\nexport const text: string = readFileSync('x', 'utf8');\n",
    'wrong.ts': 'export const count: number = "one";\n',
  });
  const args = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
  ];
  const right = await run(sandbox, { tool: 'tsc', args: [...args, 'right.ts'], workspace });
  expect(right).toMatchObject({ exit: 0, stdout: '' });
  const wrong = await run(sandbox, { tool: 'tsc', args: [...args, 'wrong.ts'], workspace });
  expect(wrong).toMatchObject({ exit: 2, stdout: expect.stringContaining('TS2322') });
});

test.each([
  {
    tool: 'gcc',
    file: 'main.c',
    text: 'int main(void) { return 0; }',
    args: ['main.c', '-o', 'out'],
  },
  { tool: 'rustc', file: 'main.rs', text: 'fn main() {}', args: ['main.rs', '-o', 'out'] },
  {
    tool: 'go',
    file: 'main.go',
    text: 'package main\nfunc main() {}\n',
    args: ['build', '-o', 'out', 'main.go'],
  },
])('$tool compiles and links', async ({ tool, file, text, args }) => {
  const workspace = workspaceWith({ [file]: text });
  const outcome = await exec(sandbox, { tool, args, workspace });
  expect(outcome.kind === 'unavailable' ? outcome.what : outcome).toEqual(
    outcome.kind === 'unavailable' ? 'tool' : expect.objectContaining({ exit: 0 }),
  );
});

test('toolchains tell where each tool is and which version it says it has', async () => {
  const tools = await sandbox.toolchains();
  const node = tools.find(({ tool }) => tool === 'node');
  expect(node).toEqual({ tool: 'node', path: process.execPath, version: process.versions.node });
  expect(tools.find(({ tool }) => tool === 'tsc')?.version).toMatch(/^\d+\.\d+\.\d+$/);
});
