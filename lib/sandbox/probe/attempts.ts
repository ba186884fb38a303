/**
 * What the probe runs inside, by our own Node: it tries to break out and prints what happened, one JSON object. `process.argv`
 * holds a file of the host, a port on the loopback of the host, and the home of the service.
 */
export const ATTEMPTS = `
const fs = require('node:fs');
const net = require('node:net');
const [, canary, port, home] = process.argv;
const fails = (work) => { try { work(); return false; } catch { return true; } };
const refused = () => new Promise((resolve) => {
  const socket = net.connect(Number(port), '127.0.0.1');
  socket.on('connect', () => { socket.destroy(); resolve(false); });
  socket.on('error', () => resolve(true));
  socket.setTimeout(2000, () => { socket.destroy(); resolve(true); });
});
const status = fs.readFileSync('/proc/self/status', 'utf8');
const field = (name) => new RegExp('^' + name + ':\\\\s*(\\\\S+)', 'm').exec(status)?.[1];
const outside = [canary, '/etc/passwd', '/etc/new', '/usr/new', '/new', '/opt/toolchain/bin/node', '/dev/new'];
(async () => {
  console.log(JSON.stringify({
    workspace: !fails(() => { fs.writeFileSync('/workspace/.probe', 'x'); fs.unlinkSync('/workspace/.probe'); }),
    outside: outside.every((file) => fails(() => fs.appendFileSync(file, 'x'))),
    network: await refused(),
    processes: fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length,
    home: fails(() => { if (fs.readdirSync(home).length === 0) throw new Error('empty'); }),
    environment: Object.keys(process.env),
    capabilities: field('CapEff'),
    privileges: field('NoNewPrivs'),
    filter: field('Seccomp'),
  }));
})();
`;

/** Tells where each of its own open descriptors leads, one a line, and becomes the rest of its arguments. */
export const SHOW_DESCRIPTORS = 'ls -l /proc/$$/fd; exec "$@"';
