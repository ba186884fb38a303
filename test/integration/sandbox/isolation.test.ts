import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Sandbox } from '../../../lib/sandbox/sandbox.ts';
import {
  exec,
  run,
  scratch,
  shell,
  skipWithoutAudit,
  skipWithoutIsolation,
  tiers,
  workspaceWith,
} from './testSandbox.ts';

describe.each(tiers())('$tier', ({ tier, open }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await open();
  });
  beforeEach((context) => skipWithoutIsolation(sandbox, context));

  test('is the tier that was asked for and proves what it claims', (context) => {
    const status = sandbox.status();
    if (status.tier !== tier) context.skip(`this machine gives ${status.tier}`);
    expect(status.proved.length).toBeGreaterThanOrEqual(8);
    expect(status.proved.filter(({ held }) => !held)).toEqual([]);
  });

  test('a tool writes into the workspace and into /report, and the service reads it', async () => {
    const [workspace, reportDir] = [workspaceWith({ in: 'given' }), scratch()];
    const ran = await shell(sandbox, 'cat in > out; echo report > /report/r; pwd', {
      workspace,
      reportDir,
    });
    expect(ran).toMatchObject({ exit: 0, termination: 'exited', stdout: '/workspace\n' });
    expect(fs.readFileSync(path.join(workspace, 'out'), 'utf8')).toBe('given');
    expect(fs.readFileSync(path.join(reportDir, 'r'), 'utf8')).toBe('report\n');
  });

  test('a workspace that anybody may reach works as one below a closed folder does', async () => {
    const folder = scratch();
    fs.chmodSync(folder, 0o755);
    const workspace = path.join(folder, 'workspace');
    fs.mkdirSync(workspace);
    const ran = await shell(sandbox, 'echo x > made; cat made', { workspace });
    expect(ran).toMatchObject({ exit: 0, stdout: 'x\n' });
  });

  test.each([
    '/etc/passwd',
    '/etc/new',
    '/usr/bin/new',
    '/new',
    '/opt/toolchain/new',
    '/dev/new',
    '/proc/sys/kernel/hostname',
  ])('writing %s fails', async (file) => {
    const ran = await shell(sandbox, `echo broken > ${file}`);
    expect(ran.exit).not.toBe(0);
    expect(ran.stderr).toMatch(/Read-only file system|Permission denied|nonexistent|No such file/);
  });

  test('a link out of the workspace leads nowhere on the host', async () => {
    const canary = path.join(scratch(), 'canary');
    fs.writeFileSync(canary, 'untouched', { mode: 0o666 });
    const workspace = workspaceWith();
    fs.symlinkSync(canary, path.join(workspace, 'link'));
    fs.symlinkSync('/root', path.join(workspace, 'folder'));
    const ran = await shell(sandbox, 'echo broken > link; ls folder/', { workspace });
    expect(ran.exit).not.toBe(0);
    expect(fs.readFileSync(canary, 'utf8')).toBe('untouched');
  });

  test('an exit code above 128 is not taken for a signal', async (context) => {
    skipWithoutAudit(sandbox, context);
    expect(await shell(sandbox, 'exit 139')).toMatchObject({ exit: 139, signal: null });
  });

  test('a refused write is on record: who, the call, the link and where it leads', async (context) => {
    skipWithoutAudit(sandbox, context);
    const workspace = workspaceWith();
    fs.symlinkSync('/etc/passwd', path.join(workspace, 'link'));
    fs.symlinkSync('/root/missing', path.join(workspace, 'nowhere'));
    const strange = 'a\n"\u00e9\u001b[31m';
    const script = `true >> link; true > nowhere; mkdir /usr/made; true > '/etc/${strange}'; true > fine; true > /dev/stderr; mkdir -p /workspace/a/b; mv fine a`;
    const { audit, auditDropped } = await shell(sandbox, script, { workspace });
    const told = audit.map(({ comm, syscall, path, real }) => [comm, syscall, path, real]);
    expect(told).toEqual([
      ['sh', 'openat', 'link', '/etc/passwd'],
      ['sh', 'openat', 'nowhere', '/root/missing'],
      ['mkdir', 'mkdir', '/usr/made', '/usr/made'],
      ['sh', 'openat', `/etc/${strange}`, `/etc/${strange}`],
    ]);
    expect(auditDropped).toBe(0);
  });

  test('a flood of refused writes is recorded up to a thousand, and the rest is counted', async (context) => {
    skipWithoutAudit(sandbox, context);
    const script = `const fs = require('fs'); for (let i = 0; i < 20000; i++) try { fs.openSync('/etc/x', 'w') } catch {}`;
    const ran = await run(sandbox, { tool: 'node', args: ['-e', script] });
    expect(ran).toMatchObject({ exit: 0, auditDropped: 19_000 });
    expect(ran.audit).toHaveLength(1_000);
  });

  test('the command line of the init tells nothing of the host', async () => {
    const ran = await shell(sandbox, 'tr "\\0" " " < /proc/1/cmdline');
    expect(ran.exit).toBe(0);
    expect(ran.stdout).not.toMatch(/--bind|--ro-bind|agent|sandbox-test/);
  });

  test('the loopback of the host is out of reach', async () => {
    let visitors = 0;
    const server = net.createServer((socket) => {
      visitors++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const script = `require('net').connect(${port}, '127.0.0.1').on('error', (e) => console.log(e.code))`;
    const ran = await run(sandbox, { tool: 'node', args: ['-e', script] });
    expect(ran.stdout).toMatch(/ECONNREFUSED|ENETUNREACH/);
    expect(visitors).toBe(0);
  });

  test('nothing of the environment of the service goes in, and what is asked for does', async () => {
    vi.stubEnv('SANDBOX_TEST_SECRET', 'secret');
    onTestFinished(() => void vi.unstubAllEnvs());
    const ran = await shell(sandbox, 'env; cat /proc/*/environ', { env: { TZ: 'Asia/Tokyo' } });
    expect(ran.stdout).not.toContain('SANDBOX_TEST_SECRET');
    expect(ran.stdout).toContain('TZ=Asia/Tokyo');
  });

  test('processes of the host cannot be seen or signalled', async () => {
    const ran = await shell(
      sandbox,
      `ls /proc | grep -c '^[0-9]'; kill -9 ${process.pid}; kill -0 -1`,
    );
    expect(Number(ran.stdout.split('\n')[0])).toBeLessThan(8);
  });

  test('only stdin, stdout and stderr are open, and /dev/stderr can be opened anew', async () => {
    const ran = await shell(sandbox, 'ls -l /proc/$$/fd; echo again > /dev/stderr');
    const passedOn = ran.stdout
      .split('\n')
      .filter((line) => /-> /.test(line) && !/ [012] -> |-> \/dev\/null$/.test(line));
    expect(passedOn).toEqual([]);
    expect(ran.stderr).toBe('again\n');
  });

  test('the exit code of a tool is told as it is', async () => {
    expect(await shell(sandbox, 'exit 1')).toMatchObject({
      exit: 1,
      signal: null,
      termination: 'exited',
    });
    expect(await shell(sandbox, 'exit 77')).toMatchObject({ exit: 77, termination: 'exited' });
    expect(await shell(sandbox, 'kill -SEGV $$')).toMatchObject({
      exit: null,
      signal: 'SIGSEGV',
      termination: 'signalled',
    });
  });

  test('a socket, a FIFO or a link as the workspace itself is refused before anything runs', async () => {
    const fifo = workspaceWith();
    await shell(sandbox, 'mkfifo pipe', { workspace: fifo });
    expect(
      await exec(sandbox, { tool: 'sh', args: ['-c', 'touch ran'], workspace: fifo }),
    ).toMatchObject({
      kind: 'denied',
      reason: expect.stringContaining('a socket, a FIFO or a device'),
    });
    expect(fs.existsSync(path.join(fifo, 'ran'))).toBe(false);
    const link = path.join(scratch(), 'link');
    fs.symlinkSync(workspaceWith(), link);
    expect(await exec(sandbox, { tool: 'sh', workspace: link })).toMatchObject({ kind: 'denied' });
  });
});
