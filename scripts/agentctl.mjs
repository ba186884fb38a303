#!/usr/bin/env node
// Runs on any Node from 18 on: finds a Node that runs TypeScript by itself, and hands over to it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'scripts', 'agentctl', 'main.ts');

if (!existsSync(join(root, 'node_modules', 'commander'))) {
  fail(
    'its dependencies are not installed',
    `there is no ${join(root, 'node_modules', 'commander')}`,
    `cd ${root} && npm ci`,
  );
} else if (major() >= 24) {
  await import('./agentctl/main.ts');
} else {
  handOver();
}

function handOver() {
  const node = bundledNode() ?? (stripsTypes() ? process.execPath : undefined);
  if (node === undefined) {
    fail(
      'it needs Node 22.18 or newer',
      `this is Node ${process.versions.node}, and the one that comes with the dependencies is missing`,
      `cd ${root} && npm ci --include=optional`,
    );
    return;
  }
  const argv = ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)];
  const child = spawn(node, argv, { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both: the child decides what it means.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) =>
    fail(`${node} does not start`, error.message, `cd ${root} && npm ci`),
  );
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 1);
  });
}

/** 22.18 is the first release that strips types without a flag; 24 does it without a warning. */
function stripsTypes() {
  const minor = Number(process.versions.node.split('.')[1]);
  return major() > 22 || (major() === 22 && minor >= 18);
}

function major() {
  return Number(process.versions.node.split('.')[0]);
}

function bundledNode() {
  const windows = process.platform === 'win32';
  const platform = windows ? 'win' : process.platform;
  const file = join('bin', windows ? 'node.exe' : 'node');
  const path = join(root, 'node_modules', `node-${platform}-${process.arch}`, file);
  return existsSync(path) ? path : undefined;
}

function fail(what, why, next) {
  process.stderr.write(`error: agentctl cannot start: ${what}\n  why: ${why}\n  next: ${next}\n`);
  process.exitCode = 1;
}
