// Tries to get out of the sandbox by Node's own means; prints {"what": "what happened"} as JSON.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';

const host = JSON.parse(process.argv[2]);
const told = {};
function attempt(what, work) {
  try {
    work();
    told[what] = 'done';
  } catch (error) {
    told[what] = error.code ?? error.message;
  }
}
attempt('append to /etc/passwd', () => fs.appendFileSync('/etc/passwd', 'x'));
attempt('append through a link', () => fs.appendFileSync('link', 'x'));
attempt('list a linked folder', () => fs.readdirSync('folder'));
attempt('copy out', () => fs.copyFileSync('given', '/usr/local/given'));
attempt('replace a tool', () => fs.renameSync('given', '/opt/toolchain/bin/node'));
attempt('remove a tool', () => fs.rmSync('/usr/bin/env'));
for (const file of host.secrets) attempt(`read ${file}`, () => fs.readFileSync(file));
attempt('become another user', () => process.setuid(0) ?? fs.appendFileSync('/etc/shadow', 'x'));
attempt('sudo', () => execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore' }));
attempt('kill the service', () => process.kill(host.pid, 'SIGKILL'));
told.environment = Object.values(process.env).includes(host.secret) ? 'told' : 'not told';
net
  .connect(host.port, '127.0.0.1')
  .on('connect', () => finish('done'))
  .on('error', (error) => finish(error.code));
function finish(what) {
  told['connect to the host'] = what;
  process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
}
