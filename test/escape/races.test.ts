import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { applyPatch } from '../../lib/sandbox/workspace/apply.ts';
import { copyTree } from '../../lib/sandbox/workspace/copy.ts';
import { DeniedPath } from '../../lib/sandbox/workspace/deniedPath.ts';
import { openJail } from '../../lib/sandbox/workspace/jail.ts';
import { listTree } from '../../lib/sandbox/workspace/tree.ts';
import type { FileChange, Patch } from '../../lib/task/patch.ts';
import { exec, scratch, skipWithoutIsolation, tiers } from '../integration/sandbox/testSandbox.ts';

const SWAP = path.join(import.meta.dirname, 'attacks/swap.py');

beforeEach((context) => {
  if (process.arch !== 'x64' || !fs.existsSync('/usr/bin/python3')) context.skip('install python3');
});

/** Exchanges two names for each other without end, from now until the test is over. */
async function exchange(one: string, other: string): Promise<void> {
  const child = spawn('/usr/bin/python3', [SWAP, one, other], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    const buried = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await buried;
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
}

type Ending = 'done' | 'denied';

async function endingOf(work: () => unknown): Promise<Ending> {
  try {
    await work();
    return 'done';
  } catch (error) {
    if (error instanceof DeniedPath) return 'denied';
    throw error;
  }
}

/** At least so many times, and until each ending has come up often enough to say something: who wins a race is chance. */
async function repeat(times: number, work: (index: number) => unknown): Promise<void> {
  const counted: Record<Ending, number> = { done: 0, denied: 0 };
  const deadline = Date.now() + 20_000;
  const isEnough = (index: number) => index >= times && Math.min(counted.done, counted.denied) > 4;
  for (let index = 0; !isEnough(index); index++) {
    if (Date.now() > deadline)
      throw new Error(`a race with one winner: ${JSON.stringify(counted)}`);
    counted[await endingOf(() => work(index))]++;
  }
}

test('FS26: in 10,000 writes while names are exchanged none leaves the root', {
  timeout: 180_000,
}, async () => {
  const folder = scratch();
  const [root, outside] = [path.join(folder, 'root'), path.join(folder, 'outside')];
  fs.mkdirSync(path.join(root, 'real'), { recursive: true });
  fs.mkdirSync(outside);
  fs.symlinkSync(outside, path.join(root, 'name'));
  await exchange(path.join(root, 'name'), path.join(root, 'real'));
  const jail = openJail(root);
  onTestFinished(() => jail.close());
  await repeat(10_000, (index) => jail.write(`name/file${index % 10}`, 'x'));
  expect(fs.readdirSync(outside)).toEqual([]);
});

/** A root that is exchanged, as a whole, for a link to a folder of somebody else. */
async function exchangedRoot(): Promise<{ root: string; outside: string; folder: string }> {
  const folder = scratch();
  fs.chmodSync(folder, 0o755);
  const [root, outside] = [path.join(folder, 'root'), path.join(folder, 'outside')];
  for (const name of [root, outside]) fs.mkdirSync(path.join(name, 'inner'), { recursive: true });
  fs.writeFileSync(path.join(root, 'inner/file'), 'ours');
  fs.writeFileSync(path.join(outside, 'inner/file'), 'theirs');
  fs.writeFileSync(path.join(outside, 'inner/secret'), 'theirs');
  fs.chmodSync(path.join(outside, 'inner'), 0o777);
  fs.symlinkSync(outside, path.join(folder, 'link'));
  await exchange(root, path.join(folder, 'link'));
  return { root, outside, folder };
}

function expectUntouched(outside: string): void {
  expect(fs.readdirSync(outside, { recursive: true })).toEqual([
    'inner',
    'inner/file',
    'inner/secret',
  ]);
  expect(fs.readFileSync(path.join(outside, 'inner/file'), 'utf8')).toBe('theirs');
}

test('FS22: while the root itself is exchanged for a link, nothing is read or written behind the link', async () => {
  const { root, outside } = await exchangedRoot();
  const seen = new Set<string>();
  await repeat(2_000, (index) => {
    const jail = openJail(root);
    try {
      seen.add(jail.read('inner/file', 10).toString());
      jail.write(`inner/file${index % 10}`, 'x');
      jail.remove(`inner/file${index % 10}`);
    } finally {
      jail.close();
    }
  });
  expectUntouched(outside);
  expect([...seen]).toEqual(['ours']);
});

test('FS22: while the root itself is exchanged for a link, nothing behind the link is copied', async () => {
  const { root, folder } = await exchangedRoot();
  const signal = new AbortController().signal;
  const limits = { exclude: [], maxFiles: 100, maxBytes: 1_000, signal };
  const found = new Set<string>();
  await repeat(300, async (index) => {
    const to = path.join(folder, `copy${index}`);
    await copyTree({ from: root, to, ...limits });
    for (const file of await listTree(to)) found.add(file.path);
    found.add(fs.readFileSync(path.join(to, 'inner/file'), 'utf8'));
  });
  expect([...found].sort()).toEqual(['inner/file', 'ours']);
});

test('FS22: while the root itself is exchanged for a link, no patch is applied behind the link', async () => {
  const { root, outside, folder } = await exchangedRoot();
  const stateDir = path.join(folder, 'state');
  await repeat(300, (index) => {
    const change: FileChange = {
      path: `made${index}/file`,
      ...{ before: null, after: Buffer.from('made').toString('base64'), mode: 0o644 },
    };
    const patch: Patch = { base_tree_hash: '', tree_hash: '', changes: [change] };
    applyPatch({ root, patch, stateDir });
  });
  expectUntouched(outside);
  expect(fs.readdirSync(stateDir)).toEqual([]);
});

describe.each(tiers())('$tier', ({ tier, open }) => {
  test('FS22: while the workspace is exchanged for a link, no command works behind the link', async (context) => {
    const sandbox = await open();
    skipWithoutIsolation(sandbox, context);
    if (sandbox.status().tier !== tier) context.skip(`this machine gives ${sandbox.status().tier}`);
    const { root, outside } = await exchangedRoot();
    const seen = new Set<string>();
    await repeat(20, async () => {
      const args = ['-c', 'cat inner/file; touch inner/made; rm inner/made'];
      const outcome = await exec(sandbox, { tool: 'sh', args, workspace: root });
      if (outcome.kind !== 'ran')
        throw new DeniedPath({ path: root, target: outside, reason: outcome.reason });
      seen.add(outcome.stdout);
    });
    expectUntouched(outside);
    expect([...seen]).toEqual(['ours']);
  });
});
