import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive } from '../../../infra/postgres/postmaster.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-test-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SETUP = `
  import { setup } from '${import.meta.dirname}/../../support/globalSetup.ts';
  await setup({ provide: () => undefined });
`;

function startSetup() {
  return spawn(process.execPath, ['--input-type=module', '-e', SETUP], {
    env: { PATH: process.env['PATH'], TMPDIR: folder },
    stdio: 'ignore',
  });
}

/** The first path that ends so below a home of a Postgres. */
async function whenThere(ending: string): Promise<string> {
  const find = () => readdirSync(folder).map((home) => join(folder, home, ending));
  await expect.poll(() => find().some(existsSync), { timeout: 60_000, interval: 5 }).toBe(true);
  return find().find(existsSync) ?? '';
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a test run that gets %s while its database is made leaves nothing',
  async (signal) => {
    const child = startSetup();
    await whenThere('data.unfinished');
    child.kill(signal);
    await once(child, 'exit');
    await expect.poll(() => readdirSync(folder)).toEqual([]);
  },
);

test('a test run that gets a signal while its database starts leaves no server', async () => {
  const child = startSetup();
  const file = await whenThere('data/postmaster.pid');
  const told = () => Number(readFileSync(file, 'utf8').split('\n')[0]);
  await expect.poll(told, { interval: 5 }).toBeGreaterThan(0);
  const pid = told();
  child.kill('SIGTERM');
  await once(child, 'exit');
  await expect.poll(() => readdirSync(folder)).toEqual([]);
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});
