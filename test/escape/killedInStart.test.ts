import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Sandbox } from '../../lib/sandbox/sandbox.ts';
import {
  DRAFTS,
  impostor,
  openTestSandbox,
  processesWith,
  scratch,
  shell,
  skipWithoutAudit,
  skipWithoutIsolation,
  tiers,
} from '../integration/sandbox/testSandbox.ts';
import { closedFolder } from '../support/closedFolder.ts';

const KILLS = 12;
/** A launch takes about this long: a kill comes anywhere in it. */
const LAUNCH_MS = 40;

function unmistakable(): string {
  return `9${Number.parseInt(randomUUID().slice(0, 8), 16)}`;
}

/** How many are left when they have had time to go. */
async function leftOf(mark: string): Promise<number> {
  const deadline = Date.now() + 10_000;
  while (processesWith(mark) > 0 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return processesWith(mark);
}

/** A service that says `ready`, and at a word `started`. */
async function readyService(mark: string, ...more: string[]) {
  const words = [path.join(import.meta.dirname, 'startingChild.ts'), mark, ...more];
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const heard = () => new Promise((resolve) => child.stdout.once('data', resolve));
  await heard();
  const start = async () => {
    child.stdin.write('start\n');
    await heard();
  };
  return { child, start };
}

async function killAndBury(child: ChildProcess): Promise<void> {
  const buried = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await buried;
}

describe.each(tiers())('$tier', ({ tier, open }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await open();
  });
  beforeEach((context) => {
    skipWithoutIsolation(sandbox, context);
    skipWithoutAudit(sandbox, context);
    if (sandbox.status().tier !== tier) context.skip(`this machine gives ${sandbox.status().tier}`);
  });

  test('LIM78: killed at any moment of six launches, a service leaves nothing of them', {
    timeout: 120_000,
  }, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const mark = unmistakable();
      const { child, start } = await readyService(mark, tier, scratch());
      await start();
      await new Promise((resolve) => setTimeout(resolve, (kill * LAUNCH_MS) / KILLS));
      await killAndBury(child);
      expect(await leftOf(mark)).toBe(0);
    }
  });
});

/** A folder with a bwrap that, once told to, stays where the real one ties its life to nobody yet; a child of it as well. */
async function launcherThatHangs(mark: string): Promise<{ folder: string; hang: () => void }> {
  const real = await openTestSandbox();
  const [bwrap = ''] = real.status().detail.split(',');
  const flag = path.join(scratch(), 'hang');
  fs.chmodSync(path.dirname(flag), 0o755);
  const body = `if [ -e ${flag} ]; then setsid sleep ${mark} & sleep ${mark}; fi\nexec ${bwrap} "$@"`;
  return { folder: impostor(body), hang: () => fs.writeFileSync(flag, '') };
}

describe('a launcher that has not tied its life to anybody yet', () => {
  beforeEach(async (context) => {
    const sandbox = await openTestSandbox();
    skipWithoutAudit(sandbox, context);
    if (sandbox.status().tier !== 'bubblewrap') context.skip('install bubblewrap');
    const closed = closedFolder(sandbox.status().detail.split(',')[0] ?? '');
    if (closed !== undefined) context.skip(`another user may not enter ${closed}`);
  });

  test('ends with the service that is killed', async () => {
    const mark = unmistakable();
    const { folder, hang } = await launcherThatHangs(mark);
    const { child, start } = await readyService(mark, 'bubblewrap', scratch(), folder);
    hang();
    await start();
    await vi.waitFor(() => expect(processesWith(mark)).toBeGreaterThan(12), { timeout: 10_000 });
    await killAndBury(child);
    expect(await leftOf(mark)).toBe(0);
  });

  test('ends with the run that is cancelled', async () => {
    const mark = unmistakable();
    const { folder, hang } = await launcherThatHangs(mark);
    const sandbox = await openTestSandbox({ searchPath: [folder, '/usr/bin'] });
    hang();
    const controller = new AbortController();
    const running = shell(sandbox, 'true', { signal: controller.signal });
    await vi.waitFor(() => expect(processesWith(mark)).toBeGreaterThan(1), { timeout: 10_000 });
    controller.abort();
    expect(await running).toMatchObject({ termination: 'cancelled' });
    expect(processesWith(mark)).toBe(0);
  });
});

test('launches of a service that is dead are ended when another one starts, and nobody else is', async () => {
  fs.mkdirSync(DRAFTS, { recursive: true });
  const left = ['pipes', 'probe', 'versions'].map((purpose) =>
    fs.mkdtempSync(path.join(DRAFTS, `${purpose}-4194304-`)),
  );
  const [dead = '', living] = [left[0], scratch()];
  const [orphan, other] = [dead, living].map((folder) =>
    spawn('/usr/bin/sleep', ['60'], { env: { SANDBOX_DRAFTS: folder }, stdio: 'ignore' }),
  );
  onTestFinished(() => void other?.kill('SIGKILL'));
  const ended = new Promise((resolve) => orphan?.once('exit', (_, signal) => resolve(signal)));
  vi.stubEnv('TMPDIR', path.join(living, 'missing'));
  onTestFinished(() => void vi.unstubAllEnvs());
  await (await openTestSandbox()).toolchains();
  expect(await ended).toBe('SIGKILL');
  expect(left.filter((folder) => fs.existsSync(folder))).toEqual([]);
  expect(other?.exitCode ?? other?.signalCode).toBe(null);
});
