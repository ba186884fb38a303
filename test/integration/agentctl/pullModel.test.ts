import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runAgentctl } from '../../../scripts/agentctl/agentctl.ts';
import { createHost } from '../../support/agentctlHost.ts';
import { type FileServer, startFileServer } from '../../support/fileServer.ts';
import { makeTinyGguf } from '../../support/tinyGguf.ts';

let home: string;
let server: FileServer | undefined;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'agent-pull-'));
});
afterEach(async () => {
  await server?.close();
  rmSync(home, { recursive: true, force: true });
});

async function agentctl(argv: readonly string[]) {
  const { host, out, err } = createHost({ environment: { AGENT_HOME: home } });
  const exit = await runAgentctl(argv, host);
  return { exit, out: out(), err: err() };
}

it('fetches a model by its address, prints its place, and tells what it is doing', async () => {
  const content = makeTinyGguf();
  server = await startFileServer({ content, cutAfter: [100_000] });
  const { exit, out, err } = await agentctl(['models', 'pull', server.url]);
  const file = join(home, 'models/tiny.gguf');
  expect({ exit, out }).toEqual({ exit: 0, out: `${file}\n` });
  expect(readFileSync(file).equals(content)).toBe(true);
  expect(err).toContain('cut: the connection was lost; going on\n');
  expect(err).toMatch(/^\[█{24}\] 100 %/m);
  expect(err).toContain(`sha256 ${createHash('sha256').update(content).digest('hex')}`);
});

it('with --json the answer is one object', async () => {
  const content = makeTinyGguf();
  server = await startFileServer({ content });
  const { out, err } = await agentctl(['models', 'pull', server.url, '--json']);
  expect(JSON.parse(out)).toMatchObject({ fetched: true, bytes: content.length });
  expect(err).toBe('');
});

it('a file whose weights were cut is refused and deleted', async () => {
  server = await startFileServer({ content: makeTinyGguf().subarray(0, 300_000) });
  const { exit, err } = await agentctl(['models', 'pull', server.url]);
  expect(exit).toBe(8);
  expect(err).toMatch(/truncated: its weights end at \d+ bytes and the file has 300000/);
});

it.each([
  [['nonsense'], /no card has that name/],
  [['qwen3-coder-next'], /its card names no file/],
  [['http://127.0.0.1/model.safetensors'], /does not end in the name of a .gguf file/],
  [['http://127.0.0.1/x-00002-of-00003.gguf'], /one part of a model in several files/],
  [['http://127.0.0.1/..%2F..%2Fx.gguf'], /does not end in the name of a .gguf file/],
  [['http://127.0.0.1/x.gguf', '--sha256', 'abc'], /"abc" is no sha256/],
])('%j is refused with what to do', async (argv, message) => {
  const { exit, err } = await agentctl(['models', 'pull', ...argv]);
  expect(exit).toBe(2);
  expect(err).toMatch(message);
  expect(err).toMatch(/^ {2}next: \S/m);
});

it('a disk that fills keeps what has come, and says where', async (ctx) => {
  const mayMount = spawnSync('unshare', ['-rm', 'true']).status === 0;
  ctx.skip(!mayMount, 'this system lets nobody mount in a namespace of his own (unshare -rm)');
  // Its size is not told, so that nothing warns before.
  const content = Buffer.concat([makeTinyGguf(), Buffer.alloc(3_000_000)]);
  server = await startFileServer({ content, plain: true });
  const script = `mount -t tmpfs -o size=1m none "$AGENT_HOME" && "$0" scripts/agentctl.mjs models pull "$1"
    echo "exit $?"; stat -c '%n %s' "$AGENT_HOME/models/"*.part`;
  const shell = ['-rm', 'sh', '-c', `{ ${script}; } 2>&1`, process.execPath, server.url];
  const said = await new Promise<string>((resolve, reject) => {
    const env = { ...process.env, AGENT_HOME: home };
    execFile('unshare', shell, { env }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
  expect(said).toContain('error: the disk is full');
  expect(said).toMatch(/had come; they are kept in \S+tiny\.gguf\.part/);
  expect(said).toContain('exit 1');
  expect(Number(/tiny\.gguf\.part (\d+)/.exec(said)?.[1])).toBeGreaterThan(900_000);
});
