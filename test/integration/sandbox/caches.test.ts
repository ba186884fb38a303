import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DRAFTS, exec, openTestSandbox, scratch, skipWithoutIsolation } from './testSandbox.ts';

const SCRIPT = `import os
print(os.environ['PIP_FIND_LINKS'], os.environ['PIP_NO_INDEX'], os.listdir('/caches/pip'), os.listdir('/caches'))
try:
    open('/caches/pip/made', 'w')
except OSError as error:
    print(error.strerror)`;

test('a tool finds what was fetched for it, and only that, and cannot change it', async (context) => {
  const agentHome = scratch();
  // What was fetched and compiled for the other tests serves this one.
  await openTestSandbox();
  fs.symlinkSync(path.join(path.dirname(DRAFTS), 'tools'), path.join(agentHome, 'tools'));
  for (const name of ['pip', 'npm'])
    fs.mkdirSync(path.join(agentHome, 'caches', name), { recursive: true });
  fs.writeFileSync(path.join(agentHome, 'caches', 'pip', 'wheel'), '');
  const sandbox = await openTestSandbox({ agentHome });
  skipWithoutIsolation(sandbox, context);
  const ran = await exec(sandbox, { tool: 'python3', args: ['-c', SCRIPT] });
  if (ran.kind !== 'ran') return context.skip('install python3');
  expect(ran).toMatchObject({
    exit: 0,
    stdout: "/caches/pip 1 ['wheel'] ['pip']\nRead-only file system\n",
    audit: [],
  });
  expect(fs.readdirSync(path.join(agentHome, 'caches', 'pip'))).toEqual(['wheel']);
  return undefined;
});
