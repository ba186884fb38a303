import { join } from 'node:path';
import { createResources } from '../../infra/localstack/createResources.ts';
import { renamedResources } from '../../infra/localstack/resources.ts';
import { livePostmaster } from '../../infra/postgres/postmaster.ts';
import { type Config, type Environment, loadConfig } from '../../lib/config/config.ts';
import { migrate } from '../../lib/db/migrate.ts';
import { buildFunctions } from '../build.ts';
import { childEnvironment } from './childEnvironment.ts';
import { startChildren } from './children.ts';
import { requireFolders } from './requireFolders.ts';
import { requireFreePorts, type WantedPort } from './requireFreePorts.ts';
import { requireModelFiles } from './requireModelFiles.ts';
import { type Services, startServices } from './services.ts';
import { takeStartLock } from './startLock.ts';
import { StartRefused } from './startRefused.ts';

export interface StartOptions {
  /** All variables, process.env included if it is to count. */
  env: Environment;
  /** Gets a line for every step, and whatever goes wrong later. */
  log?: (line: string) => void;
  /** Ends a start that is under way: what it started is stopped, and it rejects. */
  signal?: AbortSignal;
}

/** The whole service: Postgres, queues, API and worker. */
export interface System {
  /** Of the API, without a slash at its end. */
  url: string;
  /** With the ports and addresses that were found. */
  config: Config;
  /** Of the latest worker: one that died is replaced. */
  workerPid(): number;
  /** API, worker (which drains), edge, Postgres, in this order; sooner once `now` fires. Idempotent. */
  stop(now?: AbortSignal): Promise<void>;
}

const PATIENCE_AFTER_A_CRASH_MS = 20_000;

/**
 * Resolves when the service answers. Throws `ConfigError` with all flaws, or `StartRefused` in words for the user; then
 * nothing is left running.
 */
export async function startSystem(options: StartOptions): Promise<System> {
  const { env, log = () => undefined, signal = new AbortController().signal } = options;
  const config = loadConfig(env);
  requireFolders(config);
  await requireModelFiles(config);
  const hurry = new AbortController();
  await using undo = new AsyncDisposableStack();
  const lock = takeStartLock(config.agentHome);
  undo.defer(() => lock.release());
  await requireFreePorts(
    wantedPorts(config, env),
    lock.isTakenOver ? PATIENCE_AFTER_A_CRASH_MS : 0,
  );
  const build = await buildFunctions();
  log(build.built ? `${build.functions.length} functions built` : 'Functions are up to date');
  signal.throwIfAborted();
  const given = {
    databaseUrl: env['DATABASE_URL'] || undefined,
    awsEndpointUrl: env['AWS_ENDPOINT_URL'] || undefined,
  };
  const services = await startServices(config, { given, log, undo });
  signal.throwIfAborted();
  await prepare(config, services, log);
  signal.throwIfAborted();
  const childEnv = childEnvironment(env, config, services);
  const { url, workerPid } = await startChildren(config, {
    ...{ env: childEnv, log, undo, signal },
    hurry: hurry.signal,
  });
  const started = undo.move();
  let stopping: Promise<void> | undefined;
  return {
    url,
    workerPid,
    config: loadConfig({ ...childEnv, PORT: new URL(url).port }),
    stop(now) {
      now?.addEventListener('abort', () => hurry.abort(), { once: true });
      stopping ??= started.disposeAsync();
      return stopping;
    },
  };
}

function wantedPorts(config: Config, env: Environment): WantedPort[] {
  const { host, port, edgePort, postgresPort, agentHome } = config;
  const loopback = '127.0.0.1';
  const wanted: WantedPort[] = [{ variable: 'PORT', purpose: 'the API', host, port }];
  if (config.profile === 'embedded' && !env['AWS_ENDPOINT_URL']) {
    const purpose = 'the embedded SQS and DynamoDB';
    wanted.push({ variable: 'EDGE_PORT', purpose, host: loopback, port: edgePort });
  }
  // Our own Postgres may still hold its port: a start that was killed leaves it, and it is taken over.
  const left = env['DATABASE_URL'] ? undefined : livePostmaster(join(agentHome, 'postgres/data'));
  if (!env['DATABASE_URL'] && left?.port !== postgresPort) {
    const purpose = 'the embedded Postgres';
    wanted.push({ variable: 'POSTGRES_PORT', purpose, host: loopback, port: postgresPort });
  }
  return wanted;
}

async function prepare(config: Config, services: Services, log: (line: string) => void) {
  const applied = await migrate(services.databaseUrl);
  if (applied.length > 0) log(`Database brought up to date: ${applied.join(', ')}`);
  if (services.awsEndpointUrl === undefined) return;
  await createQueuesAndTable(services.awsEndpointUrl, config);
  services.edge?.markReady();
}

async function createQueuesAndTable(endpoint: string, config: Config): Promise<void> {
  try {
    await createResources(endpoint, {
      region: config.awsRegion,
      resources: renamedResources(config),
    });
  } catch (cause) {
    const found = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new StartRefused(
      `Nothing was started: AWS_ENDPOINT_URL: queues and table cannot be made at ${endpoint}: ${found}. ` +
        'Start that emulator, correct the variable, or unset it to use the embedded one.',
      { cause },
    );
  }
}
