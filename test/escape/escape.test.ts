import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Sandbox } from '../../lib/sandbox/sandbox.ts';
import { DeniedPath } from '../../lib/sandbox/workspace/deniedPath.ts';
import { openJail } from '../../lib/sandbox/workspace/jail.ts';
import {
  AUDITED,
  DRAFTS,
  exec,
  processesWith,
  run,
  shell,
  skipWithoutIsolation,
  tiers,
  workspaceWith,
} from '../integration/sandbox/testSandbox.ts';
import { expectations } from './expectations.ts';
import { openHost, type TestHost } from './host.ts';

const ATTACKS = path.join(import.meta.dirname, 'attacks');
const Told = z.record(z.string(), z.string());

let host: TestHost;
beforeAll(async () => {
  host = await openHost();
});
afterAll(() => host?.close());

/** A workspace with an attack program, a file, and links of the host's making that lead out of it. */
function attacked(program: string): string {
  const workspace = path.join(fs.mkdtempSync(path.join(host.folder, 'task-')), 'workspace');
  fs.mkdirSync(workspace);
  fs.writeFileSync(path.join(workspace, 'given'), 'given');
  fs.copyFileSync(path.join(ATTACKS, program), path.join(workspace, program));
  fs.symlinkSync(host.canary, path.join(workspace, 'link'));
  fs.symlinkSync('/etc/passwd', path.join(workspace, 'passwd'));
  fs.symlinkSync(path.dirname(host.canary), path.join(workspace, 'folder'));
  fs.symlinkSync(`/oldroot${host.canary}-made`, path.join(workspace, 'oldroot'));
  return workspace;
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

  describe('by every system call', () => {
    let told: Record<string, string> | undefined;
    let audit: string[] = [];
    beforeAll(async () => {
      if (sandbox.status().tier !== tier || process.arch !== 'x64') return;
      const workspace = attacked('attack.py');
      const args = ['attack.py', JSON.stringify(host.facts)];
      const ran = await exec(sandbox, {
        tool: 'python3',
        args,
        workspace,
        limits: { wallMs: 60_000 },
      });
      if (ran.kind !== 'ran') return;
      if (ran.exit !== 0) throw new Error(`${ran.termination} ${ran.signal}: ${ran.stderr}`);
      told = Told.parse(JSON.parse(ran.stdout));
      audit = ran.audit.map(({ comm, real }) => `${comm} ${real}`);
    });

    test.each(expectations)('$id: $what', ({ id, answer }) => {
      const found = Object.entries(told ?? {}).filter(([name]) => name.split(' ')[0] === id);
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter(([, result]) => !answer.test(result))).toEqual([]);
    });

    test('AUDIT: what was refused is on record with where it leads', (context) => {
      if (!sandbox.status().detail.endsWith(AUDITED)) context.skip('install gcc and libc6-dev');
      const expected = ['/etc/passwd', `/oldroot${host.canary}-made`, '/boot', '/new'];
      expect(audit).toEqual(expect.arrayContaining(expected.map((real) => `python3 ${real}`)));
    });
  });

  test('by a Node program', async () => {
    const args = ['attack.mjs', JSON.stringify(host.facts)];
    const ran = await run(sandbox, { tool: 'node', args, workspace: attacked('attack.mjs') });
    const told = Told.parse(JSON.parse(ran.stdout));
    expect(
      Object.entries(told).filter(([, result]) => result === 'done' || result === 'told'),
    ).toEqual([]);
    expect(Object.keys(told).length).toBeGreaterThan(10);
  });

  test('by a Java program', async (context) => {
    const args = ['Attack.java', `${host.facts.port}`, host.facts.secrets[0] ?? ''];
    const ran = await exec(sandbox, { tool: 'java', args, workspace: attacked('Attack.java') });
    if (ran.kind !== 'ran') return context.skip('install a JDK');
    const told = ran.stdout.trim().split('\n');
    expect(told).toHaveLength(9);
    expect(told.filter((line) => line.endsWith('\tdone'))).toEqual([]);
    const audited = sandbox.status().detail.endsWith(AUDITED);
    const writes = ran.audit.map(({ comm, path: asked, real }) => `${comm} ${asked} ${real}`);
    expect(audited ? writes : ['java passwd /etc/passwd']).toContain('java passwd /etc/passwd');
    return undefined;
  });

  test('KRN51: a sandbox in the sandbox', async () => {
    const [bwrap = ''] = sandbox.status().detail.split(',');
    const inner = `${bwrap} --ro-bind / / true || unshare -r true || /run/sandboxInit lo`;
    expect((await shell(sandbox, inner)).exit).not.toBe(0);
  });

  test('API84: the wrapper of a project is run inside only', async () => {
    const script = `#!/bin/sh\necho > ${host.canary}\necho > /etc/made\necho inside: $(pwd)\n`;
    const ran = await run(sandbox, {
      tool: 'gradlew',
      workspace: workspaceWith({ gradlew: script }),
    });
    expect(ran.stdout).toContain('inside: /workspace');
  });

  test('API85: arguments with a NUL, or 200 kB of them, are refused', async () => {
    for (const argument of ['a\0b', 'x'.repeat(200_000)])
      expect(await exec(sandbox, { tool: 'node', args: [argument] })).toMatchObject({
        kind: 'denied',
      });
  });

  test('NET44: a socket of the host in the workspace keeps the run from starting', async () => {
    const workspace = workspaceWith();
    const server = net.createServer().listen(path.join(workspace, 'door'));
    await new Promise((resolve) => server.once('listening', resolve));
    const outcome = await exec(sandbox, { tool: 'node', args: ['-v'], workspace });
    server.close();
    expect(outcome).toMatchObject({ kind: 'denied' });
  });

  test('FS24: what a run leaves for other tools is neither read nor run by the service', async () => {
    const workspace = workspaceWith();
    const hook = `#!/bin/sh\necho > ${host.canary}\n`;
    const script = `mkdir -p .git/hooks .mvn .vscode; printf '%s' "$0" | tee .git/hooks/post-checkout .mvn/jvm.config .npmrc .bashrc > /dev/null; chmod 755 .git/hooks/*`;
    await run(sandbox, { tool: 'sh', args: ['-c', script, hook], workspace });
    const jail = openJail(workspace);
    expect(() => jail.read('.git/hooks/post-checkout', 100)).toThrow(DeniedPath);
    jail.close();
    expect((await run(sandbox, { tool: 'node', args: ['-p', '1'], workspace })).stdout).toBe('1\n');
  });

  test('LIM78: a service that is killed takes its sandboxes along, and what it leaves is cleared away', async () => {
    const mark = `9${process.pid}${tier.length}`;
    const child = spawn(
      process.execPath,
      [path.join(import.meta.dirname, 'serviceChild.ts'), mark, tier, workspaceWith()],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(processesWith(mark)).toBeGreaterThan(1);
    const buried = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await Promise.all([buried, gone(mark)]);
    const left = () =>
      fs.readdirSync(DRAFTS).filter((name) => name.startsWith(`pipes-${child.pid}-`));
    await open();
    expect(left()).toEqual([]);
  });
});

async function gone(mark: string): Promise<void> {
  const deadline = Date.now() + 5000;
  while (processesWith(mark) > 0) {
    if (Date.now() > deadline) throw new Error('processes of the sandbox outlived the service');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('FS27: a result that is a link, a FIFO, a hard link or 10 GB of nothing is refused at once', async () => {
  const root = workspaceWith({ plain: 'x' });
  fs.symlinkSync(host.canary, path.join(root, 'link'));
  fs.linkSync(path.join(root, 'plain'), path.join(root, 'hard'));
  fs.truncateSync(path.join(root, 'plain'), 0);
  fs.writeFileSync(path.join(root, 'giant'), '');
  fs.truncateSync(path.join(root, 'giant'), 10 * 1024 ** 3);
  await new Promise((resolve) => spawn('mkfifo', [path.join(root, 'fifo')]).once('close', resolve));
  const jail = openJail(root);
  for (const name of ['link', 'fifo', 'hard', 'giant', 'folder/../link'])
    expect(() => jail.read(name, 1024 * 1024)).toThrow(DeniedPath);
  jail.close();
});

test('after all of it the host is as it was, with no process and no temporary file left', () => {
  expect(host.changes()).toEqual([]);
});
