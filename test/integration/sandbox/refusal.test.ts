import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { closedFolder } from '../../support/closedFolder.ts';
import {
  exec,
  homeWithoutTools,
  impostor,
  openTestSandbox,
  run,
  scratch,
  shell,
  skipWithoutIsolation,
  workspaceWith,
} from './testSandbox.ts';

test.each(['nc', '__proto__', 'constructor', '../../bin/sh', '/usr/bin/node'])(
  'the tool %s is denied',
  async (tool) => {
    expect(await exec(await openTestSandbox(), { tool })).toEqual({
      kind: 'denied',
      tool,
      reason: `"${tool}" is not on the list of allowed tools`,
    });
  },
);

test('a tool is never taken from the workspace', async (context) => {
  const sandbox = await openTestSandbox();
  skipWithoutIsolation(sandbox, context);
  const workspace = workspaceWith({ node: '#!/bin/sh\necho planted' });
  fs.chmodSync(path.join(workspace, 'node'), 0o755);
  const ran = await run(sandbox, { tool: 'node', args: ['-p', '"own"'], workspace });
  expect(ran.stdout).toBe('own\n');
});

test('variables that make tools load code are denied', async () => {
  const sandbox = await openTestSandbox();
  for (const name of ['LD_PRELOAD', 'NODE_OPTIONS', 'JAVA_TOOL_OPTIONS', 'BASH_ENV', 'PATH'])
    expect(await exec(sandbox, { tool: 'node', env: { [name]: 'x' } })).toMatchObject({
      kind: 'denied',
    });
});

test('the filter refuses what builds do not need', async (context) => {
  const sandbox = await openTestSandbox();
  if (sandbox.status().tier !== 'bubblewrap') skipWithoutIsolation(sandbox, context);
  const nested = await shell(sandbox, 'unshare --user true');
  expect(nested.stderr).toContain('Operation not permitted');
  const script =
    'import socket\nfor family in (40, 17, 38):\n try:\n  socket.socket(family, socket.SOCK_RAW)\n  print("open")\n except OSError as error:\n  print(error.errno)';
  const sockets = await exec(sandbox, { tool: 'python3', args: ['-c', script] });
  if (sockets.kind !== 'ran') context.skip('install python3');
  expect(sockets).toMatchObject({ stdout: '97\n97\n97\n' });
});

test('without bubblewrap nothing is run, and it is said what to install', async () => {
  const sandbox = await openTestSandbox({ agentHome: homeWithoutTools(), searchPath: [] });
  const workspace = workspaceWith();
  expect(sandbox.status()).toMatchObject({ tier: 'none', proved: [] });
  const outcome = await exec(sandbox, {
    tool: 'node',
    args: ['-e', 'fs.writeFileSync("ran","")'],
    workspace,
  });
  expect(outcome).toMatchObject({
    kind: 'unavailable',
    what: 'sandbox',
    remedy: expect.stringMatching(/apt-get install bubblewrap.*dnf install bubblewrap.*pacman -S/),
  });
  expect(fs.readdirSync(workspace)).toEqual([]);
});

test('a bwrap that runs commands without isolating them is found out by the probe', async () => {
  const body =
    'echo "{\\"child-pid\\": $$}" >&4\nwhile [ "$1" != -- ]; do shift; done; shift\nwhile [ "$1" != -- ]; do shift; done; shift\n"$@"\necho "{\\"exit-code\\": $?}" >&4';
  const searchPath = [impostor(body)];
  const sandbox = await openTestSandbox({ agentHome: homeWithoutTools(), searchPath });
  expect(sandbox.status().tier).toBe('none');
  expect(await exec(sandbox, { tool: 'node' })).toMatchObject({
    kind: 'unavailable',
    what: 'sandbox',
  });
});

test('a failure of the isolation is not taken for the exit of a tool', async (context) => {
  const real = await openTestSandbox();
  if (real.status().tier !== 'bubblewrap') context.skip('install bubblewrap');
  const [bwrap = ''] = real.status().detail.split(',');
  const closed = closedFolder(bwrap);
  if (closed !== undefined)
    context.skip(`the impostor runs as another user, who may not enter ${closed}`);
  const flag = path.join(scratch(), 'broken');
  fs.chmodSync(path.dirname(flag), 0o755);
  const searchPath = [
    impostor(`if [ -e ${flag} ]; then echo broken >&2; exit 1; fi\nexec ${bwrap} "$@"`),
    '/usr/bin',
  ];
  const sandbox = await openTestSandbox({ searchPath });
  const workspace = workspaceWith();
  expect(await shell(sandbox, 'exit 1', { workspace })).toMatchObject({ kind: 'ran', exit: 1 });
  fs.writeFileSync(flag, '');
  expect(await exec(sandbox, { tool: 'sh', args: ['-c', 'touch ran'], workspace })).toMatchObject({
    kind: 'unavailable',
    what: 'sandbox',
    reason: 'it could not be set up: broken',
  });
  expect(fs.readdirSync(workspace)).toEqual([]);
});

test('a tool that is allowed but not installed is named with its package', async () => {
  const sandbox = await openTestSandbox({ toolsAllowed: ['no-such-tool'] });
  expect(await exec(sandbox, { tool: 'no-such-tool' })).toMatchObject({
    kind: 'unavailable',
    what: expect.stringMatching(/tool|sandbox/),
  });
});
