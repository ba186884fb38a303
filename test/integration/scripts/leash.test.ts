import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { processIdentity } from '../../../scripts/start/processIdentity.ts';

const LEASH = new URL('../../../scripts/localstack/leash.ts', import.meta.url);

/** A program that ignores SIGTERM, with a child of its own; both tell their process ids. */
const STUBBORN = 'trap "" TERM; sleep 600 & echo $$ $!; wait';

describe('a program on a leash', () => {
  it('is gone with its children soon after its parent is, even when it will not end', async () => {
    const leash = fork(LEASH, ['sh', '-c', STUBBORN], { detached: true, silent: true });
    if (leash.stdout === null) throw new Error('no output');
    const [line] = await once(createInterface({ input: leash.stdout }), 'line');
    const pids = String(line).split(' ').map(Number);
    expect(pids.map((pid) => typeof processIdentity(pid))).toEqual(['string', 'string']);
    const gone = once(leash, 'exit');
    leash.disconnect();
    await gone;
    await expect.poll(() => pids.map(processIdentity)).toEqual([undefined, undefined]);
  });

  it('tells of its end', async () => {
    const leash = fork(LEASH, ['true'], { detached: true, silent: true });
    expect(await once(leash, 'exit')).toEqual([null, 'SIGKILL']);
  });
});
