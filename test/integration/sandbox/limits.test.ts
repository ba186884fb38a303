import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../../lib/sandbox/sandbox.ts';
import {
  exec,
  processesWith,
  run,
  shell,
  skipWithoutIsolation,
  tiers,
  workspaceWith,
} from './testSandbox.ts';

/** A number of seconds that no other process sleeps. */
function unmistakable(): string {
  return `9${Number.parseInt(randomUUID().slice(0, 8), 16)}`;
}

describe.each(tiers())('$tier', ({ tier, open }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await open();
  });
  beforeEach((context) => {
    skipWithoutIsolation(sandbox, context);
    if (sandbox.status().tier !== tier) context.skip(`this machine gives ${sandbox.status().tier}`);
  });

  test('at the deadline everything is dead within half a second, daemons as well', async () => {
    const [seconds, workspace] = [unmistakable(), workspaceWith()];
    const daemons = `for i in 1 2 3 4 5; do setsid sleep ${seconds} & done; (setsid sh -c 'trap "" TERM; sleep 2; touch late' &); sleep ${seconds}`;
    const ran = await shell(sandbox, daemons, { workspace, limits: { wallMs: 1000 } });
    expect(ran).toMatchObject({ exit: null, signal: 'SIGKILL', termination: 'wall_timeout' });
    expect(ran.wallMs).toBeGreaterThanOrEqual(1000);
    expect(ran.wallMs).toBeLessThan(1500);
    expect(processesWith(seconds)).toBe(0);
    expect(fs.existsSync(path.join(workspace, 'late'))).toBe(false);
  });

  test('a daemon that holds stdout open does not hold up the end, and dies with it', async () => {
    const seconds = unmistakable();
    const ran = await shell(sandbox, `setsid sleep ${seconds} & echo done`, {
      limits: { wallMs: 20_000 },
    });
    expect(ran).toMatchObject({ exit: 0, termination: 'exited', stdout: 'done\n' });
    expect(ran.wallMs).toBeLessThan(5000);
    expect(processesWith(seconds)).toBe(0);
  });

  test('LIM77: a cancelled run with 150 sessions of its own leaves nothing', async () => {
    const seconds = unmistakable();
    const script = `for i in $(seq 150); do setsid sleep ${seconds} & done; touch started; wait`;
    const [workspace, controller] = [workspaceWith(), new AbortController()];
    const limits = { processes: 400 };
    const running = shell(sandbox, script, { workspace, limits, signal: controller.signal });
    await appeared(path.join(workspace, 'started'));
    const at = performance.now();
    controller.abort();
    expect(await running).toMatchObject({ termination: 'cancelled', exit: null });
    expect(performance.now() - at).toBeLessThan(500);
    expect(processesWith(seconds)).toBe(0);
  });

  test('LIM73: who ignores SIGTERM and stops itself is ended as well', async () => {
    const seconds = unmistakable();
    const script = `trap "" TERM; sleep ${seconds} & kill -STOP $!; kill -STOP $$; sleep ${seconds}`;
    const ran = await shell(sandbox, script, { limits: { wallMs: 500 } });
    expect(ran).toMatchObject({ termination: 'wall_timeout', signal: 'SIGKILL' });
    expect(ran.wallMs).toBeLessThan(1000);
    expect(processesWith(seconds)).toBe(0);
  });

  test('what was cancelled before it began is not begun', async () => {
    const workspace = workspaceWith();
    const ran = await shell(sandbox, 'touch ran', { workspace, signal: AbortSignal.abort() });
    expect(ran).toMatchObject({ termination: 'cancelled', exit: null });
    expect(fs.readdirSync(workspace)).toEqual([]);
  });

  test('a flood of output is cut at the limit and ends the run', async () => {
    const ran = await run(sandbox, { tool: 'yes', limits: { outputBytes: 10_000 } });
    expect(ran).toMatchObject({ termination: 'output_limit', truncated: true });
    expect(ran.stdout.length + ran.stderr.length).toBe(10_000);
    expect(ran.stopped?.reason).toBe('it printed more than 10000 bytes');
  });

  test('LIM60: a fork bomb stays below the limit of processes, ends at the deadline and is called one', async (context) => {
    const mark = unmistakable();
    const bomb = `import os, time\nmark = ${mark}\nwhile True:\n try: os.fork()\n except OSError: time.sleep(0.1)`;
    const limits = { processes: 40, wallMs: 2000 };
    const running = exec(sandbox, { tool: 'python3', args: ['-c', bomb], limits });
    const most = await mostWhile(running, () => processesWith(mark));
    const ran = await running;
    if (ran.kind !== 'ran') return context.skip('install python3');
    expect(ran.termination).toBe('wall_timeout');
    expect(ran.stopped?.reason).toMatch(/2000 ms, with (3\d|4[01]) processes at once \(at most 40/);
    expect(most).toBeGreaterThan(30);
    // The launcher and its guard outside are two more.
    expect(most).toBeLessThanOrEqual(43);
    expect(processesWith(mark)).toBe(0);
    return undefined;
  });

  test('one process cannot have more memory than the limit', async () => {
    const script =
      'const held = []; for (;;) { held.push(Buffer.alloc(16 * 1024 * 1024, 1)); console.log(held.length); }';
    const limits = { memoryMiB: 800 };
    const ran = await run(sandbox, { tool: 'node', args: ['-e', script], limits });
    expect(ran.exit).not.toBe(0);
    expect(ran.stdout).toMatch(/^1\n2\n3\n/);
    expect(ran.peakRssMiB).toBeLessThan(900);
  });

  test('many processes together cannot have more memory than the limit', async () => {
    const hog = 'const held = Buffer.alloc(150 * 1024 * 1024, 1); setTimeout(() => held, 20000)';
    const script = `for i in 1 2 3 4 5 6; do node -e '${hog}' & done; wait`;
    const limits = { memoryMiB: 800, wallMs: 20_000 };
    const ran = await shell(sandbox, script, { limits });
    expect(ran.termination).toBe('memory_limit');
    expect(ran.stopped?.reason).toContain('more than 800 MiB of memory');
  });

  test('LIM63: memory that is shared and has no file counts as well', async (context) => {
    const script =
      'import mmap\nheld = mmap.mmap(-1, 6 << 30)\nblock = b"x" * (1 << 20)\nfor _ in range(6 << 10): held.write(block)\nprint("held")';
    const limits = { memoryMiB: 512, wallMs: 30_000 };
    const ran = await exec(sandbox, { tool: 'python3', args: ['-c', script], limits });
    if (ran.kind !== 'ran') return context.skip('install python3');
    expect(ran).toMatchObject({ termination: 'memory_limit', stdout: '' });
    return undefined;
  });

  test('time of the processor is limited, for one process and for several together', async () => {
    const one = await shell(sandbox, 'while :; do :; done', { limits: { cpuSeconds: 1 } });
    expect(one.termination).toBe('cpu_limit');
    const several = 'for i in 1 2 3; do (while :; do :; done) & done; wait';
    const all = await shell(sandbox, several, { limits: { cpuSeconds: 1 } });
    expect(all.termination).toBe('cpu_limit');
  });

  test('a file and the workspace have a largest size', async () => {
    const one = 'head -c 3000000 /dev/zero > big';
    const file = await shell(sandbox, `exec ${one}`, { limits: { fileMiB: 1 } });
    expect(file).toMatchObject({ termination: 'disk_limit', signal: 'SIGXFSZ' });
    expect(file.stopped?.reason).toBe('it wrote a file larger than 1 MiB');
    const many = 'i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero > f$i; done';
    const all = await shell(sandbox, many, { limits: { workspaceMiB: 5, wallMs: 20_000 } });
    expect(all.termination).toBe('disk_limit');
  });

  test('a burst that ends before anybody looked is seen at the end', async () => {
    const burst = 'for i in 1 2 3 4 5 6 7 8; do head -c 1000000 /dev/zero > f$i; done';
    const ran = await shell(sandbox, burst, { limits: { workspaceMiB: 5 } });
    expect(ran.termination).toBe('disk_limit');
  });

  test('a flood of empty files, and folders too deep to be walked, end the run', async () => {
    const flood = `const fs = require('fs'); for (let i = 0; ; i++) fs.writeFileSync('f' + i, '')`;
    const limits = { wallMs: 25_000, workspaceMiB: 10 };
    const files = await run(sandbox, { tool: 'node', args: ['-e', flood], limits });
    expect(files.termination).toBe('disk_limit');
    expect(files.stopped?.reason).toMatch(/grew by more than 10 MiB|more than 200000 files/);
    const deep = `const name = 'd'.repeat(200); for (let i = 0; i < 3000; i++) { fs.mkdirSync(name); process.chdir(name); } setTimeout(() => 0, 40000)`;
    const folders = await run(sandbox, { tool: 'node', args: ['-e', deep], limits });
    expect(folders.termination).toBe('disk_limit');
    expect(folders.stopped?.reason).toContain('nested folders deeper');
  });

  test.each([
    ['/tmp', 'No space left on device'],
    ['/dev/shm', 'No space left on device'],
    ['/home/sandbox', 'No space left on device'],
    ['/dev', 'Read-only file system'],
    ['/', 'Read-only file system'],
    ['/run', 'Read-only file system'],
  ])('LIM64: %s cannot be filled: %s', async (folder, answer) => {
    const script = `head -c 3000000 /dev/zero > ${folder}/big`;
    const ran = await shell(sandbox, script, { limits: { scratchMiB: 1 } });
    expect(ran.stderr).toContain(answer);
  });
});

async function appeared(file: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!fs.existsSync(file)) {
    if (Date.now() > deadline) throw new Error(`${file} did not appear`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function mostWhile(running: Promise<unknown>, count: () => number): Promise<number> {
  let most = 0;
  let isOver = false;
  const over = running.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    most = Math.max(most, count());
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  return most;
}
