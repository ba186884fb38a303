import fs from 'node:fs';
import path from 'node:path';
import { openTestSandbox, tiers } from '../integration/sandbox/testSandbox.ts';

/**
 * A service that is about to start several sandboxes at once: says `ready`, waits for a word on stdin, says `started`.
 * Arguments: what the killer recognises its processes by, the tier, a folder for workspaces, and perhaps one of commands.
 */
const [, , mark = '', wanted, folder = '', commands] = process.argv;
const tier = tiers().find((each) => each.tier === wanted);
const sandbox =
  commands === undefined
    ? await tier?.open()
    : await openTestSandbox({ searchPath: [commands, '/usr/bin'] });
const workspaces = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => path.join(folder, name));
for (const workspace of workspaces) fs.mkdirSync(workspace);
process.stdin.once('data', () => {
  for (const workspace of workspaces)
    void sandbox?.exec({
      ...{ tool: 'sh', args: ['-c', `sleep ${mark}`], workspace },
      signal: new AbortController().signal,
    });
  process.stdout.write('started\n');
});
process.stdout.write('ready\n');
