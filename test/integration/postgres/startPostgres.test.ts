import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { isAlive } from '../../../infra/postgres/postmaster.ts';
import { type RunningPostgres, startPostgres } from '../../../infra/postgres/startPostgres.ts';
import { closedFolder } from '../../support/closedFolder.ts';

describe('the embedded Postgres', () => {
  let home: string;
  const running: RunningPostgres[] = [];
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'agent-test-pg-'));
  });
  afterEach(async () => {
    for (const postgres of running.splice(0)) await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const start = async (port = 0) => {
    const postgres = await startPostgres({ home, port, logFile: join(home, 'postgres.log') });
    running.push(postgres);
    return postgres;
  };

  it('keeps its data when it is stopped and started, and leaves no process', async () => {
    const first = await start();
    await query(first.url, 'create table kept (word text)');
    await query(first.url, "insert into kept values ('acknowledged')");
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start();
    expect(await query(second.url, 'select word from kept')).toEqual([{ word: 'acknowledged' }]);
  });

  it('keeps an acknowledged row when it is killed', async () => {
    const killed = await start();
    await query(killed.url, 'create table kept (word text)');
    await query(killed.url, "insert into kept values ('acknowledged')");
    process.kill(killed.pid, 'SIGKILL');
    const again = await start();
    expect(again.reused).toBe(false);
    expect(await query(again.url, 'select word from kept')).toEqual([{ word: 'acknowledged' }]);
  });

  it('takes over the server that a killed start has left', async () => {
    const left = await start();
    const again = await start(left.port);
    expect(again).toMatchObject({ reused: true, pid: left.pid, url: left.url });
    await again.stop();
    expect(isAlive(left.pid)).toBe(false);
  });

  it('moves a server that was left on another port', async () => {
    const left = await start();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    other.close();
    await once(other, 'close');
    const moved = await start(port);
    expect(moved).toMatchObject({ reused: false, port });
    expect(isAlive(left.pid)).toBe(false);
  });

  it('says which port is taken and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start(port)).rejects.toThrow(
      `port ${port} of 127.0.0.1 is taken by another program`,
    );
    await expect(start(port)).rejects.toThrow('POSTGRES_PORT');
    other.close();
  });

  it('does not mistake another program for its server when the process id was given anew', async () => {
    const first = await start();
    await first.stop();
    writeFileSync(
      join(home, 'data/postmaster.pid'),
      `${process.ppid}\n${home}/data\n1\n${first.port}\n\n127.0.0.1\n`,
    );
    const second = await start();
    expect(second.reused).toBe(false);
  });

  it('starts anew after an initialisation that was killed', async () => {
    await execa('mkdir', ['-p', join(home, 'data.unfinished/base')]);
    writeFileSync(join(home, 'data.unfinished/PG_VERSION'), '18\n');
    const postgres = await start();
    expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(home, 'data.unfinished'))).toBe(false);
  });

  it('lets nobody in without the password that only its owner can read', async () => {
    const postgres = await start();
    const passwordFile = join(home, 'password');
    expect(statSync(passwordFile).mode & 0o777).toBe(0o600);
    expect(new URL(postgres.url).password).toBe(readFileSync(passwordFile, 'utf8'));
    for (const password of ['', 'agent', 'postgres']) {
      const stranger = new URL(postgres.url);
      stranger.password = password;
      await expect(query(stranger.href, 'select 1')).rejects.toThrow(/password/);
    }
  });

  it('says what to do when the password is gone', async () => {
    const postgres = await start();
    await postgres.stop();
    rmSync(join(home, 'password'));
    await expect(start()).rejects.toThrow(`move ${join(home, 'data')} away`);
  });
});

describe('the embedded Postgres, by the user that starts it', () => {
  const script = `
    import { startPostgres } from '${import.meta.dirname}/../../../infra/postgres/startPostgres.ts';
    const home = process.argv[1] + '/pg';
    const postgres = await startPostgres({ home, port: 0, logFile: home + '.log' });
    console.log(postgres.pid, (await import('node:fs')).statSync(home + '/data').uid);
    await postgres.stop();
  `;
  const NOBODY = 65_534;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'agent-test-pg-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const startElsewhere = async (options: { uid?: number; gid?: number; path?: string }) => {
    const { path = process.env['PATH'], ...identity } = options;
    const args = ['--input-type=module', '-e', script, folder];
    const { stdout } = await execa(process.execPath, args, { ...identity, env: { PATH: path } });
    const [pid = 0, owner] = stdout.split(' ').map(Number);
    return { isAlive: isAlive(pid), owner };
  };

  it('runs for an ordinary user', async (context) => {
    if (process.getuid?.() !== 0) context.skip('needs root, to become another user');
    skipBelowClosedFolder(context);
    chownSync(folder, NOBODY, NOBODY);
    const found = await startElsewhere({ uid: NOBODY, gid: NOBODY });
    expect(found).toEqual({ isAlive: false, owner: NOBODY });
  });

  it('runs for root where user namespaces are forbidden', async (context) => {
    if (process.getuid?.() !== 0) context.skip('needs root');
    skipBelowClosedFolder(context);
    writeFileSync(join(folder, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    chmodSync(folder, 0o755);
    const found = await startElsewhere({ path: `${folder}:${process.env['PATH']}` });
    expect(found.isAlive).toBe(false);
    expect(found.owner).not.toBe(0);
  });

  it('says which folder keeps another user out, where root may not use namespaces', async (context) => {
    if (process.getuid?.() !== 0) context.skip('needs root');
    const bin = mkdtempSync(join(tmpdir(), 'agent-test-pg-bin-'));
    writeFileSync(join(bin, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    chmodSync(folder, 0o700);
    const refused = startElsewhere({ path: `${bin}:${process.env['PATH']}` });
    await expect(refused).rejects.toThrow(
      new RegExp(
        `may not enter ${closedFolder(process.execPath) ?? folder}, in which .*set DATABASE_URL`,
      ),
    );
    rmSync(bin, { recursive: true, force: true });
  });
});

/** Another user cannot even run the Node of a checkout that lies below a closed folder. */
function skipBelowClosedFolder(context: TestContext): void {
  const closed = closedFolder(process.execPath);
  if (closed !== undefined) context.skip(`other users may not enter ${closed}: move the checkout`);
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  // The server is killed under its clients here.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
