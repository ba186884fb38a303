import fs from 'node:fs';
import { tiers } from '../integration/sandbox/testSandbox.ts';

/** A service in the middle of a run: opens the tier that it is told, and lets a command sleep that the killer can recognise. */
const [, , mark = '', wanted, workspace = ''] = process.argv;
const tier = tiers().find((each) => each.tier === wanted);
const sandbox = await tier?.open();
const script = `touch started; setsid sleep ${mark} & sleep ${mark}`;
const running = sandbox?.exec({
  ...{ tool: 'sh', args: ['-c', script], workspace },
  signal: new AbortController().signal,
});
// Before the start the folder itself changes: it is given to the user of the sandbox.
fs.watch(workspace, (_, name) => {
  if (name === 'started') process.stdout.write('running\n');
});
await running;
