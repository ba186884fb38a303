import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { freePort, isPortFree } from '../freePort.ts';
import { endOfLog } from './endOfLog.ts';
import type { Postmaster } from './postmaster.ts';
import { becomesReady, type Server, stopServer } from './server.ts';

const ATTEMPTS = 8;

/** Starts the server on its port and waits until it answers. Throws when the port is taken or the server ends. */
export async function launchServer(server: Server): Promise<Postmaster> {
  const { port } = server.options;
  if (port !== 0 && !(await isPortFree(port))) throw portTaken(port);
  const isWorthAnother = (kind: Launched['kind']) =>
    kind === 'crowded' || (kind === 'portTaken' && port === 0);
  let launched = await launch(server, port);
  for (let attempt = 2; attempt <= ATTEMPTS && isWorthAnother(launched.kind); attempt += 1) {
    launched = await launch(server, port);
  }
  if (launched.kind === 'ready') return launched.postmaster;
  throw launched.kind === 'portTaken' ? portTaken(port) : notStarted(server, launched.log);
}

function portTaken(port: number): Error {
  return new Error(
    `Postgres cannot listen: port ${port} of 127.0.0.1 is taken by another program. Stop that program, or set ` +
      'POSTGRES_PORT to a free port (0 = any), or set DATABASE_URL to use a Postgres that runs already.',
  );
}

function notStarted({ options, cluster }: Server, log: string): Error {
  return new Error(
    `Postgres did not start on ${cluster.dataDir}. Its log, ${options.logFile}, ends with:\n${log}`,
  );
}

type Launched =
  | { kind: 'ready'; postmaster: Postmaster }
  /** Lost to another program in the last moment, or sessions of a server that was killed are still ending. */
  | { kind: 'portTaken' | 'crowded'; log: string }
  | { kind: 'failed'; log: string };

async function launch(server: Server, wantedPort: number): Promise<Launched> {
  const { cluster, options } = server;
  const port = wantedPort === 0 ? await freePort() : wantedPort;
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  const logStart = fstatSync(log).size;
  const pid = spawnServer(server, port, log);
  closeSync(log);
  if (await becomesReady({ pid, port }, cluster))
    return { kind: 'ready', postmaster: { pid, port } };
  await stopServer(server);
  const told = endOfLog(options.logFile, logStart);
  if (told.includes('could not create any TCP/IP sockets')) return { kind: 'portTaken', log: told };
  if (told.includes('pre-existing shared memory block')) return { kind: 'crowded', log: told };
  return { kind: 'failed', log: told };
}

/**
 * Detached: Ctrl-C in a terminal must not end Postgres before the worker has drained. Its log is a file and no pipe,
 * so that it lives on when we are killed.
 */
function spawnServer({ user, binaries, cluster, options }: Server, port: number, log: number) {
  const { file, args, identity } = user.command(binaries.postgres, [
    ...['-D', cluster.dataDir, '-p', String(port)],
    ...(options.fsync === false ? NOT_DURABLE : []),
  ]);
  const child = spawn(file, args, {
    ...identity,
    cwd: cluster.dataDir,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', log, log],
    detached: true,
  });
  child.unref();
  if (child.pid === undefined) throw new Error(`${file} could not be started`);
  return child.pid;
}

const NOT_DURABLE = ['fsync', 'synchronous_commit', 'full_page_writes'].flatMap((setting) => [
  '-c',
  `${setting}=off`,
]);
