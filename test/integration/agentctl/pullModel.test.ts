import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

async function agentctl(argv: readonly string[], environment: Record<string, string> = {}) {
  const { host, out, err } = createHost({ environment: { AGENT_HOME: home, ...environment } });
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
  expect(err).toMatch(/a running worker offers it|next: agentctl models runtime install/);
});

it('with --json the answer is one object', async () => {
  const content = makeTinyGguf();
  server = await startFileServer({ content });
  const { out, err } = await agentctl(['models', 'pull', server.url, '--json']);
  expect(JSON.parse(out)).toMatchObject({ fetched: true, bytes: content.length });
  expect(err).toBe('');
});

describe('a card with a sha256', () => {
  /** A file of the user's own, as MODELS_FILE names it. */
  async function carded(sha256: string): Promise<Record<string, string>> {
    server = await startFileServer({ content: makeTinyGguf() });
    const card = {
      ...{ id: 'mine', provider: 'openai-compatible', family: 'llama', context_tokens: 4_096 },
      ...{ licence: 'MIT', preference: 1, llm: true, source: server.url, sha256 },
    };
    const file = join(home, 'cards.json');
    writeFileSync(file, JSON.stringify([card]));
    return { MODELS_FILE: file };
  }
  const right = createHash('sha256').update(makeTinyGguf()).digest('hex');

  it('lets that file come', async () => {
    const { exit } = await agentctl(['models', 'pull', 'mine'], await carded(right));
    expect(exit).toBe(0);
  });

  it('keeps every other file out, and nothing of it is left', async () => {
    const environment = await carded('0'.repeat(64));
    const { exit, err } = await agentctl(['models', 'pull', 'mine'], environment);
    expect(exit).toBe(8);
    expect(err).toContain('is not the file that was expected, and was deleted');
    expect(readdirSync(join(home, 'models'))).toEqual([]);
  });

  it('is not overruled by --sha256', async () => {
    const environment = await carded('0'.repeat(64));
    const argv = ['models', 'pull', 'mine', '--sha256', right];
    const { exit, err } = await agentctl(argv, environment);
    expect(exit).toBe(2);
    expect(err).toContain(`the card says ${'0'.repeat(64)}`);
    expect(existsSync(join(home, 'models'))).toBe(false);
  });
});

describe('models verify', () => {
  it('reads every model anew and tells which one was changed since it was fetched', async () => {
    server = await startFileServer({ content: makeTinyGguf() });
    await agentctl(['models', 'pull', server.url]);
    writeFileSync(join(home, 'models/own.gguf'), 'GGUF');
    const good = await agentctl(['models', 'verify', '--json']);
    expect(good.exit).toBe(0);
    expect(JSON.parse(good.out)).toMatchObject({
      ok: true,
      files: [
        { state: 'not_recorded', recorded: null },
        { state: 'unchanged', sha256: createHash('sha256').update(makeTinyGguf()).digest('hex') },
      ],
    });
    writeFileSync(join(home, 'models/tiny.gguf'), makeTinyGguf({ seed: 2 }));
    const changed = await agentctl(['models', 'verify', 'tiny.gguf']);
    expect(changed.exit).toBe(1);
    expect(changed.out).toMatch(/tiny\.gguf\s+[0-9a-f]{64}\s+CHANGED since it was fetched/);
    expect(changed.err).toContain('next: remove the file, then agentctl models pull NAME');
  });

  it('of a file that is not there tells which are', async () => {
    const { exit, err } = await agentctl(['models', 'verify', 'x.gguf']);
    expect(exit).toBe(2);
    expect(err).toContain('no model is there');
    expect((await agentctl(['models', 'verify'])).err).toContain('no model is in');
  });
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
