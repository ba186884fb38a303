import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import type { Unprivileged } from './unprivileged.ts';

/** The files of one embedded Postgres. */
export interface Cluster {
  dataDir: string;
  /** Of the superuser `agent`. Other users of this machine reach the port too, so there is no access without it. */
  password: string;
}

/** Opens the cluster in `home`, making it on the first start. */
export async function openCluster(
  home: string,
  binaries: Binaries,
  user: Unprivileged,
): Promise<Cluster> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  chmodSync(home, 0o700);
  user.own(home);
  const dataDir = join(home, 'data');
  const passwordFile = join(home, 'password');
  if (!existsSync(dataDir)) {
    writePassword(passwordFile, user);
    await initialise({ home, dataDir, passwordFile, binaries, user });
  }
  return { dataDir, password: readPassword(passwordFile, dataDir) };
}

interface Initialise {
  home: string;
  dataDir: string;
  passwordFile: string;
  binaries: Binaries;
  user: Unprivileged;
}

/** Under another name first: a start that is killed half-way leaves no cluster that looks whole. */
async function initialise(options: Initialise): Promise<void> {
  const { home, dataDir, passwordFile, binaries, user } = options;
  const unfinished = join(home, 'data.unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  await user.run(binaries.initdb, [
    ...['-D', unfinished, '-U', 'agent', '--pwfile', passwordFile],
    ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'],
  ]);
  appendFileSync(join(unfinished, 'postgresql.conf'), SETTINGS);
  renameSync(unfinished, dataDir);
}

// No socket directory: its path would pass the 107 bytes of a Unix socket's name in a deep checkout.
const SETTINGS = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
log_timezone = 'UTC'
timezone = 'UTC'
`;

function writePassword(file: string, user: Unprivileged): void {
  const unfinished = `${file}.unfinished`;
  writeFileSync(unfinished, randomBytes(24).toString('base64url'), { mode: 0o600 });
  user.own(unfinished);
  renameSync(unfinished, file);
}

function readPassword(file: string, dataDir: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new Error(
    `the password of the embedded Postgres is gone: ${file}. Put the file back from a backup; or, to start empty, ` +
      `move ${dataDir} away.`,
  );
}
