import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isAlive } from '../../../infra/postgres/postmaster.ts';
import { type SupervisedChild, superviseChild } from '../../../scripts/start/superviseChild.ts';

const POLITE = `
  const alive = setInterval(() => {}, 1000);
  process.on('SIGTERM', () => { console.log('bye'); clearInterval(alive); process.exit(0); });
  process.send('up');
`;
const STUBBORN = `
  setInterval(() => {}, 1000);
  process.on('SIGTERM', () => console.log('no'));
  process.send('up');
`;

describe('a supervised child', () => {
  let folder: string;
  let child: SupervisedChild | undefined;
  const told: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'agent-test-child-'));
    told.length = 0;
  });
  afterEach(async () => {
    await child?.stop(AbortSignal.abort());
    rmSync(folder, { recursive: true, force: true });
  });

  /** Resolves once the program says that it is up. */
  async function start(program: string, graceMs = 10_000): Promise<SupervisedChild> {
    const file = join(folder, 'child.mjs');
    writeFileSync(file, program);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    child = superviseChild(
      {
        name: 'child',
        args: [file],
        cwd: folder,
        env: () => ({ ...process.env }),
        logFile: join(folder, 'child.log'),
        graceMs,
        onMessage: resolve,
      },
      (line) => told.push(line),
    );
    await promise;
    return child;
  }

  it('is started again when it is killed, and that is said', async () => {
    const supervised = await start(POLITE);
    const first = supervised.pid();
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(supervised.pid()).not.toBe(first), { timeout: 10_000 });
    expect(supervised.losses()).toBe(1);
    expect(told.join()).toContain('child ended by itself (SIGKILL');
  });

  it('ends by itself when it is told to, and is not started again', async () => {
    const supervised = await start(POLITE);
    await supervised.stop();
    await supervised.stop();
    expect(isAlive(supervised.pid())).toBe(false);
    expect(supervised.losses()).toBe(0);
    expect(supervised.tail()).toBe('bye');
  });

  it('takes along what it has started and left running', async () => {
    const supervised = await start(`
      import { spawn } from 'node:child_process';
      const left = spawn('sleep', ['600']);
      console.log(left.pid);
      ${STUBBORN}
    `);
    await vi.waitFor(() => expect(supervised.tail()).not.toBe(''), { timeout: 10_000 });
    const left = Number(supervised.tail());
    expect(isAlive(left)).toBe(true);
    await supervised.stop(AbortSignal.abort());
    await vi.waitFor(() => expect(isAlive(left)).toBe(false), { timeout: 10_000 });
  });

  it('is killed when its grace has passed', async () => {
    const supervised = await start(STUBBORN, 300);
    await supervised.stop();
    expect(isAlive(supervised.pid())).toBe(false);
  });

  it('is hurried when the user does not want to wait', async () => {
    const supervised = await start(STUBBORN, 600_000);
    const now = new AbortController();
    const stopped = supervised.stop(now.signal);
    now.abort();
    await stopped;
    expect(isAlive(supervised.pid())).toBe(false);
  });

  it('shows an error that it logs, and keeps everything in its log', async () => {
    const supervised = await start(`
      console.log('{"level":50,"msg":"the queue is away"}');
      console.log('{"level":30,"msg":"claimed"}');
      ${POLITE}
    `);
    await vi.waitFor(() => expect(told).toEqual(['child: the queue is away']), { timeout: 10_000 });
    await supervised.stop();
    await vi.waitFor(() =>
      expect(readFileSync(join(folder, 'child.log'), 'utf8')).toContain('"msg":"claimed"'),
    );
  });

  it('ends when its parent is killed', async () => {
    const file = join(folder, 'parent.mjs');
    writeFileSync(join(folder, 'child.mjs'), POLITE);
    writeFileSync(
      file,
      `import { superviseChild } from '${import.meta.dirname}/../../../scripts/start/superviseChild.ts';
       const child = superviseChild({
         name: 'child', args: ['${folder}/child.mjs'], cwd: '${folder}', env: () => process.env,
         logFile: '${folder}/child.log', graceMs: 1000,
         onMessage: () => console.log(child.pid()),
       }, () => {});`,
    );
    const parent = execa(process.execPath, [file], { reject: false });
    const line = await parent.iterable()[Symbol.asyncIterator]().next();
    const pid = Number(line.value);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });
  });
});
