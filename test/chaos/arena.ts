import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../infra/freePort.ts';
import { type RunningPostgres, startPostgres } from '../../infra/postgres/startPostgres.ts';
import { migrate } from '../../lib/db/migrate.ts';
import { openSeparateHome } from '../../scripts/start/separateSystem.ts';
import { type Mortal, startMortal } from './mortal.ts';

/** Every process of the service, each on its own, so that each can be killed: API, two workers, AWS edge, Postgres. */
export interface Arena {
  root: string;
  workspace: string;
  url: string;
  databaseUrl: string;
  api: Mortal;
  edge: Mortal;
  workers: readonly [Mortal, Mortal];
  /** Kills the postmaster with -9 and starts it again on the same data. */
  killPostgres(): Promise<void>;
  /** Ends of processes that nobody killed. */
  lapses(): string[];
  /** Starts of a worker that found no database. */
  falseStarts(): number;
  /** Ends everything in order; resolves with what did not end well. */
  stop(): Promise<string[]>;
  remove(): void;
}

export const API_KEY = 'chaos-key';
const RESTARTS = 5;
/** A worker that finds no database when it starts ends; one that has started must not. */
const falseStart = /the database cannot be reached[\s\S]*functions\/worker\/main\.ts/;

export async function openArena(modelServer: string): Promise<Arena> {
  const root = makeFolders();
  const home = join(root, 'postgres');
  const logFile = join(root, 'logs/postgres.log');
  let postgres = await startPostgres({ home, port: 0, logFile });
  const databaseUrl = postgres.url;
  await migrate(databaseUrl);
  const [port, edgePort] = [await freePort(), await freePort()];
  const env = environment(root, { databaseUrl, port, edgePort, modelServer });
  const mortal = (name: string, script: string) =>
    startMortal({ name, script, env, logFile: join(root, 'logs', `${name}.log`), falseStart });
  const edge = mortal('edge', 'test/chaos/edgeChild.ts');
  const api = mortal('api', 'test/chaos/apiChild.ts');
  const workers = [
    mortal('worker-1', 'functions/worker/main.ts'),
    mortal('worker-2', 'functions/worker/main.ts'),
  ] as const;
  const mortals = [api, ...workers, edge];
  return {
    ...{ root, workspace: join(root, 'workspace'), url: `http://127.0.0.1:${port}`, databaseUrl },
    ...{ api, edge, workers },
    killPostgres: async () => {
      process.kill(postgres.pid, 'SIGKILL');
      postgres = await startAgain({ home, port: postgres.port, logFile });
    },
    lapses: () => mortals.flatMap(({ lapses }) => lapses),
    falseStarts: () => mortals.reduce((sum, each) => sum + each.falseStarts, 0),
    stop: async () => {
      const faults: string[] = [];
      for (const each of mortals) {
        const code = await each.stop();
        if (code !== 0) faults.push(`${each.name}: exit code ${code} on SIGTERM`);
      }
      await postgres.stop();
      return faults;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function makeFolders(): string {
  const root = mkdtempSync(join(tmpdir(), 'agent-chaos-'));
  for (const folder of ['workspace', 'logs']) mkdirSync(join(root, folder));
  openSeparateHome(join(root, 'home'));
  return root;
}

interface Places {
  databaseUrl: string;
  port: number;
  edgePort: number;
  modelServer: string;
}

function environment(root: string, places: Places): Record<string, string> {
  return {
    PROFILE: 'embedded',
    API_KEY,
    READ_ACCESS: 'open',
    AGENT_HOME: join(root, 'home'),
    WORKSPACE_ROOT: join(root, 'workspace'),
    PORT: String(places.port),
    EDGE_PORT: String(places.edgePort),
    DATABASE_URL: places.databaseUrl,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${places.edgePort}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    MODEL_SERVERS: `scripted=${places.modelServer}`,
    LEASE_MS: '3000',
    // Every kill of a worker or of Postgres costs a lease: the limit is not what is tried here.
    MAX_ATTEMPTS: '100',
    STREAM_HEARTBEAT_MS: '500',
    OTEL_TRACES_EXPORTER: 'none',
  };
}

/** A killed postmaster's sessions take a moment to end. */
async function startAgain(options: Parameters<typeof startPostgres>[0]): Promise<RunningPostgres> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await startPostgres(options);
    } catch (error) {
      if (tried === RESTARTS) throw error;
    }
  }
}
