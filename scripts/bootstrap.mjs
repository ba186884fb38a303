// Makes node_modules what package-lock.json says, before any other script runs. It runs on the Node that the user has
// (20.11 or newer) and before anything is installed: only node: modules here, and no TypeScript.
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOCK = join(ROOT, '.bootstrap.lock');
const OLDEST_FOR_NPM = [20, 11];
/** The first that runs TypeScript files as they are. */
const OLDEST_WITHOUT_BUNDLED = [22, 18];
const HEARTBEAT_MS = 2_000;
const STALE_MS = 20_000;

process.exitCode = await bootstrap();

async function bootstrap() {
  const complaint = nodeComplaint();
  if (complaint !== undefined) return fail(complaint);
  if (isInstalled()) return ready();
  await lock();
  const heartbeat = setInterval(touchLock, HEARTBEAT_MS);
  try {
    // The process that we waited for may have done it.
    return isInstalled() ? ready() : await install();
  } finally {
    clearInterval(heartbeat);
    rmSync(LOCK, { force: true });
  }
}

function nodeComplaint() {
  const found = `this is Node ${process.versions.node} (${process.execPath})`;
  if (isOlderThan(OLDEST_FOR_NPM)) return `Node 20.11 or newer is needed to install; ${found}.`;
  if (hasBundledNode() || !isOlderThan(OLDEST_WITHOUT_BUNDLED)) return undefined;
  const where = process.platform === 'darwin' ? 'macOS' : `${process.platform}-${process.arch}`;
  const how =
    process.platform === 'darwin'
      ? 'Install it with `brew install node@24`, or from https://nodejs.org, and start again.'
      : 'Install it from https://nodejs.org and start again.';
  return `Node 24 comes with this project for Linux and Windows, not for ${where}: here Node 22.18 or newer is needed; ${found}. ${how}`;
}

function isOlderThan([major, minor]) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

function hasBundledNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  return `node-${platform}-${process.arch}` in readJson('package.json').optionalDependencies;
}

/**
 * Whether what npm wrote down of node_modules agrees with the lock file. npm writes that list last, so a half-finished
 * install has none. Times are no measure: `npm install` writes the lock file after the list.
 */
function isInstalled() {
  if (!existsSync(join(ROOT, 'node_modules/.package-lock.json'))) return false;
  const wanted = readJson('package-lock.json').packages;
  const found = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const there = found[path];
    if (there === undefined) return entry.optional === true && !isNeededHere(path, wanted['']);
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

/** npm 9, which Debian 13 ships, leaves out the command of this package; the next script is to run on that Node. */
function ready() {
  const link = join(ROOT, 'node_modules/.bin/node');
  const bundled = `node-${process.platform}-${process.arch}/bin/node`;
  if (!existsSync(link) && existsSync(join(ROOT, 'node_modules', bundled))) {
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(`../${bundled}`, link);
  }
  return 0;
}

/** Of the optional packages only the direct ones for this platform must be there: its Node and its Postgres. */
function isNeededHere(path, { optionalDependencies = {} }) {
  const platform = process.platform === 'win32' ? '(win|windows)' : process.platform;
  const name = path.replace('node_modules/', '');
  return name in optionalDependencies && new RegExp(`\\b${platform}-${process.arch}$`).test(name);
}

function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}

async function install() {
  console.error(
    'Installing the locked dependencies (npm ci): about a minute, once, over the network ...',
  );
  const started = performance.now();
  const code = await run(npmCommand());
  if (code !== 0) {
    return fail(
      `npm ci ended with exit code ${code}; its lines above say why. Start again to retry.`,
      code,
    );
  }
  if (!isInstalled()) {
    return fail(
      'npm ci succeeded, yet node_modules is not what package-lock.json says. Delete node_modules and start again.',
    );
  }
  console.error(`Installed in ${Math.round((performance.now() - started) / 1000)} s.`);
  return ready();
}

/** The npm that runs us, when it is one: on Windows `npm` itself is a script that needs a shell. */
function npmCommand() {
  const args = [
    'ci',
    '--no-audit',
    '--no-fund',
    '--include=dev',
    '--include=optional',
    '--loglevel=error',
  ];
  const running = process.env.npm_execpath;
  if (running !== undefined && basename(running).startsWith('npm-cli')) {
    return { file: process.execPath, args: [running, ...args], shell: false };
  }
  return { file: 'npm', args, shell: process.platform === 'win32' };
}

/** Ctrl-C reaches npm by itself, a SIGTERM does not. */
async function run({ file, args, shell }) {
  const child = spawn(file, args, { cwd: ROOT, stdio: 'inherit', shell });
  const forward = (signal) => child.kill(signal);
  process.on('SIGTERM', forward);
  process.on('SIGINT', () => undefined);
  return await new Promise((resolve) => {
    child.on('error', (error) => resolve(fail(`npm could not be started: ${error.message}`)));
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/** Of two starts in one checkout one installs while the other waits. */
async function lock() {
  let told = false;
  while (!takeLock()) {
    if (!told) console.error('Another process installs the dependencies; waiting for it ...');
    told = true;
    await delay(200);
  }
}

function takeLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isStale()) setAside();
    return false;
  }
}

/** Its holder died, or (the process id is in use again) has not touched it for long. */
function isStale() {
  try {
    const idleMs = Date.now() - statSync(LOCK).mtimeMs;
    return idleMs > STALE_MS || !isAlive(Number(readFileSync(LOCK, 'utf8')));
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** By a rename, which only one of several can do. */
function setAside() {
  const aside = `${LOCK}.${process.pid}`;
  try {
    renameSync(LOCK, aside);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  rmSync(aside, { force: true });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function touchLock() {
  utimesSync(LOCK, new Date(), new Date());
}

function fail(message, code = 1) {
  console.error(`\n${message}`);
  return code;
}
