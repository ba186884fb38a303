import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { createResources } from '../../infra/localstack/createResources.ts';
import { startEdge } from '../../infra/localstack/edge.ts';
import { livePostmaster } from '../../infra/postgres/postmaster.ts';
import { startPostgres } from '../../infra/postgres/startPostgres.ts';
import { migrate } from '../../lib/db/migrate.ts';
import { identifyEmulator, introduce } from './emulator.ts';
import { useLocalCredentials } from './testEdge.ts';

type Stop = () => Promise<void> | void;

/** One Postgres and one edge for all tests of the project, unless DATABASE_URL and AWS_ENDPOINT_URL name others. */
export async function setup(project: TestProject): Promise<Stop> {
  useLocalCredentials();
  const stops: Stop[] = [];
  const stop = async () => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    const [postgresUrl, edgeUrl] = await Promise.all([postgresFor(stops), edgeFor(stops)]);
    const templateDatabase = await createTemplate(postgresUrl, stops);
    project.provide('postgresUrl', postgresUrl);
    project.provide('templateDatabase', templateDatabase);
    const emulator = await identifyEmulator(edgeUrl);
    project.provide('emulator', emulator);
    process.stdout.write(`${introduce(emulator)}\n`);
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function postgresFor(stops: Stop[]): Promise<string> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') return given;
  const home = mkdtempSync(join(tmpdir(), 'agent-test-postgres-'));
  // A run that ends without its teardown (a signal, also while Postgres starts; process.exit in a plug-in) leaves nothing.
  const endNow = () => endAtOnce(home);
  process.once('exit', endNow);
  stops.push(() => {
    process.off('exit', endNow);
    rmSync(home, { recursive: true, force: true });
  });
  const logFile = join(home, 'postgres.log');
  const postgres = await endingOnSignals(startPostgres({ home, port: 0, logFile, fsync: false }));
  stops.push(postgres.stop);
  return postgres.url;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Until the work is done a signal ends the process by `exit`, whose listeners clear up; vitest listens only later. */
async function endingOnSignals<T>(work: Promise<T>): Promise<T> {
  const exit = (_: string, number: number) => process.exit(128 + number);
  for (const signal of SIGNALS) process.once(signal, exit);
  try {
    return await work;
  } finally {
    for (const signal of SIGNALS) process.off(signal, exit);
  }
}

/** A server that is not there yet to be ended does not start without its folder. */
function endAtOnce(home: string): void {
  const live = livePostmaster(join(home, 'data'));
  if (live !== undefined) process.kill(live.pid, 'SIGQUIT');
  // While it ends it still writes.
  for (let tries = 0; tries < 20 && existsSync(home); tries += 1) {
    rmSync(home, { recursive: true, force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}

async function edgeFor(stops: Stop[]): Promise<string> {
  const given = process.env['AWS_ENDPOINT_URL'];
  if (given !== undefined && given !== '') return given;
  const edge = await startEdge({ port: 0 });
  stops.push(edge.stop);
  await createResources(edge.endpoint);
  edge.markReady();
  return edge.endpoint;
}

async function createTemplate(postgresUrl: string, stops: Stop[]): Promise<string> {
  const name = `agent_template_${process.pid}_${Date.now()}`;
  await asAdministrator(postgresUrl, `create database ${name}`);
  stops.push(() => asAdministrator(postgresUrl, `drop database if exists ${name} with (force)`));
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  await migrate(url.href);
  return name;
}

async function asAdministrator(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
