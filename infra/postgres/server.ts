import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { answers } from './connection.ts';
import { isAlive, livePostmaster, type Postmaster } from './postmaster.ts';
import type { Unprivileged } from './unprivileged.ts';

export interface PostgresOptions {
  /** Folder of the data and the password; kept across restarts. */
  home: string;
  /** On 127.0.0.1; 0 = any free one. */
  port: number;
  logFile: string;
  /** False for tests: faster, and a power cut loses data. */
  fsync?: boolean;
}

/** All that is known before a server runs. */
export interface Server {
  binaries: Binaries;
  user: Unprivileged;
  cluster: Cluster;
  options: PostgresOptions;
}

const START_DEADLINE_MS = 60_000;
const POLL_MS = 15;

/** Recovery after a crash takes its time; a server that ends is not waited for. */
export async function becomesReady(postmaster: Postmaster, cluster: Cluster): Promise<boolean> {
  const { password, dataDir } = cluster;
  const deadline = AbortSignal.timeout(START_DEADLINE_MS);
  while (!deadline.aborted && isAlive(postmaster.pid)) {
    if (await answers({ port: postmaster.port, password, dataDir })) return true;
    await delay(POLL_MS);
  }
  return false;
}

/** Fast: sessions are cut off, data is flushed. Immediate is a crash, and loses nothing acknowledged either. */
export async function stopServer({ user, binaries, cluster }: Server): Promise<void> {
  let cause: unknown;
  for (const mode of ['fast', 'immediate']) {
    const live = livePostmaster(cluster.dataDir);
    if (live === undefined) return;
    const args = ['stop', '-w', '-t', '20', '-m', mode, '-D', cluster.dataDir];
    cause = await user.run(binaries.pgCtl, args).catch((error: unknown) => error);
    if (await ends(live.pid)) return;
  }
  throw new Error(`Postgres on ${cluster.dataDir} does not stop`, { cause });
}

/** pg_ctl waits for the pid file to go, which the process outlives by a moment. */
async function ends(pid: number): Promise<boolean> {
  const deadline = AbortSignal.timeout(2_000);
  while (isAlive(pid)) {
    if (deadline.aborted) return false;
    await delay(POLL_MS);
  }
  return true;
}
