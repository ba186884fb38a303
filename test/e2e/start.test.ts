import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isAlive, livePostmaster } from '../../infra/postgres/postmaster.ts';
import { type System, startSystem } from '../../scripts/start/system.ts';

const ANY_PORTS = { PORT: '0', EDGE_PORT: '0', POSTGRES_PORT: '0' };
const READY = /API {2,}(http:\S+)/;

function environment(home: string): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...ANY_PORTS, AGENT_HOME: home, WORKSPACE_ROOT: join(home, 'workspace') };
}

describe('the whole service, started from a program', () => {
  let home: string;
  let system: System;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'agent-test-e2e-'));
    system = await startSystem({ env: environment(home) });
  });
  afterAll(async () => {
    await system?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('answers GET /health with 200', async () => {
    const response = await fetch(`${system.url}/health`);
    expect(response.status).toBe(200);
  });

  it('refuses a second start with the same folder and leaves the first one alone', async () => {
    await expect(startSystem({ env: environment(home) })).rejects.toThrow(
      `The service runs already: process ${process.pid}`,
    );
    expect((await fetch(`${system.url}/health`)).status).toBe(200);
  });

  it('runs beside another one with a folder and ports of its own', async () => {
    const otherHome = mkdtempSync(join(tmpdir(), 'agent-test-e2e-'));
    const other = await startSystem({ env: environment(otherHome) });
    expect(other.url).not.toBe(system.url);
    expect((await fetch(`${other.url}/health`)).status).toBe(200);
    await other.stop();
    rmSync(otherHome, { recursive: true, force: true });
    expect((await fetch(`${system.url}/health`)).status).toBe(200);
  });

  it('replaces a worker that was killed', async () => {
    const killed = system.workerPid();
    process.kill(killed, 'SIGKILL');
    await vi.waitFor(() => expect(system.workerPid()).not.toBe(killed), { timeout: 20_000 });
  });
});

describe('npm start', () => {
  let home: string;
  let end: () => Promise<void>;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'agent-test-e2e-'));
  });
  afterEach(async () => {
    await end();
    rmSync(home, { recursive: true, force: true });
  });

  const run = (env: Record<string, string> = {}) => {
    const started = execa(process.execPath, ['scripts/start.ts'], {
      env: { ...environment(home), ...env },
      extendEnv: false,
      reject: false,
    });
    end = async () => {
      started.kill('SIGTERM');
      await started;
    };
    return started;
  };

  /** The address in the banner. Not by iterating: leaving that loop would wait for the process to end. */
  async function ready(started: ReturnType<typeof run>): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    createInterface({ input: started.stdout }).on('line', (line) => {
      const url = READY.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
    started.then(({ exitCode, stderr }) => reject(new Error(`ended with ${exitCode}: ${stderr}`)));
    return await promise;
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves no process and no lock on %s', async (signal) => {
    const started = run();
    const url = await ready(started);
    const postgres = livePostmaster(join(home, 'postgres/data'));
    expect(isAlive(postgres?.pid ?? 0)).toBe(true);
    started.kill(signal);
    expect((await started).exitCode).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
    expect(livePostmaster(join(home, 'postgres/data'))).toBeUndefined();
    expect(existsSync(join(home, 'start.lock'))).toBe(false);
    expect(await processesThatName(home)).toEqual([]);
  });

  it('heals after it was killed: the next start takes over', async () => {
    const killed = run();
    const address = await ready(killed);
    killed.kill('SIGKILL');
    await killed;
    expect(existsSync(join(home, 'start.lock'))).toBe(true);
    const url = await ready(run({ PORT: new URL(address).port }));
    expect(url).toBe(address);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('says that the database is not there, fails and leaves nothing', async () => {
    const { exitCode, stderr } = await run({
      DATABASE_URL: 'postgresql://agent:secret@127.0.0.1:1/agent',
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('DATABASE_URL: no connection to the database agent at 127.0.0.1:1');
    expect(stderr).not.toContain('secret');
    expect(existsSync(join(home, 'start.lock'))).toBe(false);
    expect(existsSync(join(home, 'postgres'))).toBe(false);
  });

  it('says that the emulator of the queues is not there, fails and leaves nothing', async () => {
    const { exitCode, stderr } = await run({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /Nothing was started: AWS_ENDPOINT_URL: .* at http:\/\/127\.0\.0\.1:1: /,
    );
    expect(existsSync(join(home, 'start.lock'))).toBe(false);
    expect(livePostmaster(join(home, 'postgres/data'))).toBeUndefined();
  });

  it('lists everything that is wrong with the configuration at once', async () => {
    const { exitCode, stderr } = await run({ LEASE_MS: 'soon', SANDBOX: 'none' });
    expect(exitCode).toBe(78);
    expect(stderr).toContain('LEASE_MS');
    expect(stderr).toContain('SANDBOX');
    expect(existsSync(join(home, 'start.lock'))).toBe(false);
  });
});

/** Command lines and environments name the folder: a child carries it in AGENT_HOME. */
async function processesThatName(folder: string): Promise<string[]> {
  const { stdout } = await execa('ps', ['axeww', '-o', 'pid=,args=']);
  const own = (line: string) => line.trim().startsWith(`${process.pid} `);
  const lines = stdout.split('\n').filter((line) => line.includes(folder) && !own(line));
  return lines.map((line) => line.slice(0, 120));
}
