import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { createSandbox, type SandboxOptions } from '../../../lib/sandbox/adapters/bubblewrap.ts';
import type { ExecOutcome, ExecRan, ExecRequest, Sandbox } from '../../../lib/sandbox/sandbox.ts';
import { usualFolders } from '../../../lib/sandbox/toolchain/hostTool.ts';
import type { Logger } from '../../../lib/telemetry/telemetry.ts';

/** Kept, so that bubblewrap is fetched once and not for every run of the tests; below the checkout where that can be written. */
const HOME = path.join(writableFolder(), 'test-sandbox');

function writableFolder(): string {
  const checkout = path.resolve(import.meta.dirname, '../../..');
  const isOwn = fs.statSync(checkout).uid === process.getuid?.();
  return isOwn ? path.join(checkout, '.agent') : path.join(os.homedir(), '.agent-test');
}

/** Where sandboxes of this process keep what goes with it. */
export const DRAFTS = path.join(HOME, 'sandbox');

/** Commands that the tests need to attack with; the product does not allow them. */
const ATTACKERS = ['sh', 'setsid', 'yes', 'head'];

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silent,
};

export function openTestSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const common = { agentHome: HOME, mode: 'auto' as const, toolsAllowed: ATTACKERS };
  return createSandbox({ ...common, logger: silent, ...options });
}

/** An AGENT_HOME into which nothing can be fetched. */
export function homeWithoutTools(): string {
  const home = scratch();
  fs.writeFileSync(path.join(home, 'tools'), 'a file, where a folder is wanted');
  return home;
}

/** A folder with a program in place of bwrap: answers --help as the real one, and otherwise runs `body`. */
export function impostor(body: string, folder = scratch()): string {
  const help = '--bind-fd --disable-userns --add-seccomp-fd --json-status-fd';
  const script = `#!/bin/sh\nif [ "$1" = --help ]; then echo '${help}'; exit; fi\n${body}\n`;
  fs.writeFileSync(path.join(folder, 'bwrap'), script, { mode: 0o755 });
  fs.chmodSync(folder, 0o755);
  return folder;
}

/** Every tier there is, each with how it is opened; what a machine cannot give is `none`. */
export function tiers(): { tier: 'bubblewrap' | 'namespaces'; open: () => Promise<Sandbox> }[] {
  return [
    { tier: 'bubblewrap', open: () => openTestSandbox() },
    { tier: 'namespaces', open: openSecondTier },
  ];
}

/** With a bwrap that cannot isolate the next tier is taken, and nothing is fetched. */
async function openSecondTier(): Promise<Sandbox> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sandbox-test-'));
  try {
    return await openTestSandbox({ searchPath: [impostor('exit 1', folder), ...usualFolders()] });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

export function skipWithoutIsolation(sandbox: Sandbox, context: TestContext): void {
  const { tier, detail, remedy } = sandbox.status();
  if (tier === 'none') context.skip(`${detail} ${remedy}`);
}

export const AUDITED = 'denied writes audited';

export function skipWithoutAudit(sandbox: Sandbox, context: TestContext): void {
  const { detail } = sandbox.status();
  if (!detail.endsWith(AUDITED)) context.skip(`${detail}: install gcc and libc6-dev`);
}

export function scratch(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'sandbox-test-')));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A workspace with these files. */
export function workspaceWith(files: Record<string, string> = {}): string {
  const workspace = path.join(scratch(), 'workspace');
  fs.mkdirSync(workspace);
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(workspace, name)), { recursive: true });
    fs.writeFileSync(path.join(workspace, name), text);
  }
  return workspace;
}

type Asked = Partial<ExecRequest> & Pick<ExecRequest, 'tool'>;

export function exec(sandbox: Sandbox, asked: Asked): Promise<ExecOutcome> {
  const { signal } = new AbortController();
  return sandbox.exec({
    args: [],
    workspace: asked.workspace ?? workspaceWith(),
    signal,
    ...asked,
  });
}

/** Runs a tool and insists that it was run. */
export async function run(sandbox: Sandbox, asked: Asked): Promise<ExecRan> {
  const outcome = await exec(sandbox, asked);
  if (outcome.kind !== 'ran') throw new Error(`not run: ${JSON.stringify(outcome)}`);
  return outcome;
}

export function shell(sandbox: Sandbox, script: string, more: Partial<ExecRequest> = {}) {
  return run(sandbox, { tool: 'sh', args: ['-c', script], ...more });
}

/** How many processes of the host have this text in their arguments. */
export function processesWith(text: string): number {
  const processes = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.filter((pid) => argumentsOf(pid).includes(text)).length;
}

function argumentsOf(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}
