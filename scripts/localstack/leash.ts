// Runs a program that is not ours, in this process's own group: `node leash.ts <program> [arguments]`. Told to end, or
// when its parent is gone, however that died, nothing of the group is left.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const GRACE_MS = 5_000;

const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
const ended = once(child, 'exit').then(endGroup, endGroup);

process.once('disconnect', end);
process.once('SIGTERM', end);
process.once('SIGINT', end);

function end(): void {
  setTimeout(endGroup, GRACE_MS);
  child.kill('SIGTERM');
}

/** This process too: that is how its parent learns of the program's end. */
function endGroup(): void {
  process.kill(-process.pid, 'SIGKILL');
}

await ended;
