import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../../support/house.ts';

const LAUNCHER = new URL('../../../scripts/agentctl.mjs', import.meta.url).pathname;

let house: House;
beforeAll(async () => {
  house = await openHouse({ LOG_LEVEL: 'error' });
});
afterAll(() => house.close());

describe('the program itself', () => {
  const run = (
    argv: string[],
    options: { node?: string; stdin?: 'pipe'; env?: Record<string, string> } = {},
  ) =>
    execa(options.node ?? process.execPath, [LAUNCHER, ...argv], {
      env: {
        AGENTCTL_URL: house.url,
        AGENTCTL_API_KEY: 'test-key',
        XDG_CONFIG_HOME: house.workspace,
        ...options.env,
      },
      stdin: options.stdin ?? 'ignore',
      reject: false,
    });

  it('ends with the code of its command and keeps data and messages apart', async () => {
    const listed = await run(['list', '--limit', '1', '--json']);
    expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(listed.stdout)).toHaveProperty('data');
    expect((await run(['status', 'nobody'])).exitCode).toBeGreaterThan(0);
  });

  it('does not wait for a standard input that nobody closes', async () => {
    const listing = run(['list'], { stdin: 'pipe' });
    expect((await listing).exitCode).toBe(0);
  });

  it('is left by a real Ctrl-C with 130', async () => {
    const repo = { path: house.workspace };
    const input = { language: 'python', repo, goal: 'Round prices' };
    const { task_id: taskId } = await house.client.submitTask({ type: 'CODE', input });
    const watching = run(['watch', taskId]);
    await new Promise((resolve) => watching.stdout.once('data', resolve));
    watching.kill('SIGINT');
    expect(await watching).toMatchObject({ exitCode: 130 });
  });

  it('doctor tries the running service and this machine, and fails while no worker is alive', async () => {
    const home = join(house.workspace, '../home');
    const examined = await run(['doctor', '--json'], { env: { AGENT_HOME: home } });
    expect(examined.exitCode).toBe(1);
    const { ok, checks } = JSON.parse(examined.stdout);
    expect(ok).toBe(false);
    const levels = (area: string) =>
      checks.flatMap((check: { area: string; level: string }) =>
        check.area === area ? [check.level] : [],
      );
    expect(levels('workers')).toEqual(['FAIL']);
    expect(levels('database')).toEqual(['OK']);
    expect(levels('key')).toEqual(['OK']);
    expect(levels('sandbox').length).toBeGreaterThan(0);
    expect(levels('tool').length).toBeGreaterThan(0);
  });

  it('hands over to the Node of the dependencies when it is started with an old one', async (ctx) => {
    const node = await oldNode();
    if (node === undefined)
      return ctx.skip('no Node older than 22.18 on the PATH to start it with');
    const watched = await run(['list', '--limit', '1', '--json'], { node });
    expect(watched).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(watched.stdout)).toHaveProperty('data');
  });
});

/** A Node outside of the dependencies that cannot run TypeScript by itself. */
async function oldNode(): Promise<string | undefined> {
  for (const folderOnPath of (process.env['PATH'] ?? '').split(':')) {
    const node = join(folderOnPath, 'node');
    const { stdout } = await execa(node, ['--version'], { reject: false });
    const [major = 99] = (stdout ?? '').replace('v', '').split('.').map(Number);
    if (major >= 18 && major < 22) return node;
  }
  return undefined;
}
