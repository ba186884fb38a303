import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Sandbox } from '../../../lib/sandbox/sandbox.ts';
import { openTestSandbox, processesWith, run, shell, skipWithoutIsolation } from './testSandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox();
});
beforeEach((context) => {
  skipWithoutIsolation(sandbox, context);
  const limits = sandbox.status().limits;
  if (limits?.by !== 'cgroup') context.skip(`${limits?.detail} ${limits?.remedy}`);
});

function base(): string {
  return /below (.*)$/.exec(sandbox.status().limits?.detail ?? '')?.[1] ?? '';
}

/** Groups of runs of this process. */
function groups(): string[] {
  return fs.readdirSync(base()).filter((name) => name.startsWith(`run-${process.pid}-`));
}

test('what a child holds in a file system in memory counts, and ends the whole run', async () => {
  const script = '(head -c 300000000 /dev/zero > /tmp/big); echo survived';
  const limits = { memoryMiB: 64, wallMs: 60_000, fileMiB: 512 };
  const ran = await shell(sandbox, script, { limits });
  expect(ran).toMatchObject({ termination: 'memory_limit', stdout: '' });
  expect(ran.stopped?.reason).toBe('all its processes together held more than 64 MiB of memory');
  expect(groups()).toEqual([]);
});

test('the group of a run has its limits, and goes with it when it is cancelled', async () => {
  const seconds = `9${Number.parseInt(randomUUID().slice(0, 8), 16)}`;
  const controller = new AbortController();
  const limits = { memoryMiB: 512, processes: 40, wallMs: 60_000 };
  const running = run(sandbox, {
    ...{ tool: 'sh', args: ['-c', `setsid sleep ${seconds} & sleep ${seconds}`] },
    ...{ limits, signal: controller.signal },
  });
  await expect.poll(() => processesWith(seconds), { timeout: 20_000 }).toBeGreaterThan(2);
  const [group = ''] = groups();
  const told = (name: string) => fs.readFileSync(`${base()}/${group}/${name}`, 'utf8').trim();
  expect([told('memory.max'), told('pids.max')]).toEqual([`${512 * 1024 * 1024}`, '40']);
  controller.abort();
  expect((await running).termination).toBe('cancelled');
  expect(processesWith(seconds)).toBe(0);
  expect(groups()).toEqual([]);
});
