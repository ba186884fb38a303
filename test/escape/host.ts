import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';
import { leftProcesses } from '../support/leftProcesses.ts';

/** What an attacked host has that must stay as it is and out of reach. */
export interface TestHost {
  /** A file that anybody might write to. */
  canary: string;
  /** Where tasks may be kept. */
  folder: string;
  /** What the attackers are told. */
  facts: { port: number; abstract: string; secret: string; secrets: string[]; pid: number };
  /** What is not as it was. */
  changes(): string[];
  close(): void;
}

const OWN = ['canary', 'secret', 'tasks', 'temporary'];

export async function openHost(): Promise<TestHost> {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'escape-host-')));
  fs.chmodSync(folder, 0o777);
  const canary = path.join(folder, 'canary');
  fs.writeFileSync(canary, 'untouched');
  fs.chmodSync(canary, 0o666);
  fs.mkdirSync(path.join(folder, 'tasks'));
  const temporary = path.join(folder, 'temporary');
  fs.mkdirSync(temporary);
  fs.chmodSync(temporary, 0o777);
  vi.stubEnv('TMPDIR', temporary);
  const secret = `secret-${randomUUID()}`;
  const secretFile = path.join(folder, 'secret');
  fs.writeFileSync(secretFile, secret, { mode: 0o644 });
  vi.stubEnv('ESCAPE_TEST_SECRET', secret);
  const visitors: string[] = [];
  const door = await listen({ port: 0, host: '127.0.0.1' }, visitors);
  const abstract = `escape-${process.pid}`;
  const hidden = await listen({ path: `\0${abstract}` }, visitors);
  const system = ['/etc/passwd', '/etc/shadow', '/usr/bin/env', process.execPath];
  const before = system.map(identityOf);
  const address = door.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const others = path.join(folder, 'tasks/other/workspace');
  fs.mkdirSync(others, { recursive: true });
  fs.writeFileSync(path.join(others, 'theirs'), secret, { mode: 0o644 });
  const secrets = [
    secretFile,
    path.join(others, 'theirs'),
    path.join(os.homedir(), '.npmrc'),
    '/root/.ssh/id_rsa',
    '/etc/shadow',
  ];
  return {
    canary,
    folder: path.join(folder, 'tasks'),
    facts: { port, abstract, secret, secrets, pid: process.pid },
    changes: () => [
      ...visitors,
      ...system.filter((file, index) => identityOf(file) !== before[index]),
      ...(fs.readFileSync(canary, 'utf8') === 'untouched' ? [] : [canary]),
      ...fs.readdirSync(folder).filter((name) => !OWN.includes(name)),
      ...fs.readdirSync(temporary).map((name) => `left: ${name}`),
      ...leftProcesses(folder),
      ...['/etc/new', '/usr/new', '/new', '/etc/made'].filter((file) => fs.existsSync(file)),
    ],
    close: () => {
      door.close();
      hidden.close();
      vi.unstubAllEnvs();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listen(where: net.ListenOptions, visitors: string[]): Promise<net.Server> {
  const server = net.createServer((socket) => {
    visitors.push('somebody came out of the sandbox');
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(where, resolve);
  });
  return server;
}

function identityOf(file: string): string {
  const { size, mtimeMs, mode, ino } = fs.statSync(file);
  return `${size} ${mtimeMs} ${mode} ${ino}`;
}
