import { resolve } from 'node:path';
import { findBinaries } from './binaries.ts';
import { openCluster } from './cluster.ts';
import { createDatabase, databaseUrl } from './connection.ts';
import { launchServer } from './launchServer.ts';
import { livePostmaster, type Postmaster } from './postmaster.ts';
import { becomesReady, type PostgresOptions, type Server, stopServer } from './server.ts';
import { unprivileged } from './unprivileged.ts';

export interface RunningPostgres {
  /** Of the database `agent`, with user and password. */
  url: string;
  port: number;
  pid: number;
  /** True when a server of this data directory was alive already, left by a start that was killed. */
  reused: boolean;
  /** Ends the server and everything it started; idempotent. */
  stop(): Promise<void>;
}

/** Starts the embedded Postgres, or takes over a live one of the same data directory. Throws when the port is taken. */
export async function startPostgres(given: PostgresOptions): Promise<RunningPostgres> {
  const options = { ...given, home: resolve(given.home), logFile: resolve(given.logFile) };
  const binaries = findBinaries();
  const user = await unprivileged(binaries.postgres, options.home);
  const cluster = await openCluster(options.home, binaries, user);
  const server: Server = { binaries, user, cluster, options };
  const left = await takeOver(server);
  const postmaster = left ?? (await launchServer(server));
  await createDatabase(postmaster.port, cluster.password);
  return {
    ...postmaster,
    url: databaseUrl(postmaster.port, cluster.password),
    reused: left !== undefined,
    stop: () => stopServer(server),
  };
}

/** The live server of our data directory, when it listens where it should; one that does not is stopped. */
async function takeOver(server: Server): Promise<Postmaster | undefined> {
  const left = livePostmaster(server.cluster.dataDir);
  if (left === undefined) return undefined;
  const isWanted = server.options.port === 0 || server.options.port === left.port;
  if (isWanted && (await becomesReady(left, server.cluster))) return left;
  await stopServer(server);
  return undefined;
}
