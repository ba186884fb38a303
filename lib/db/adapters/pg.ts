import pg from 'pg';
import { isRolledBackByChance, unavailableWhenAway } from '../databaseErrors.ts';
import type { Database, Row, Tx } from '../db.ts';
import { listenOn } from './pgListener.ts';

export interface PostgresOptions {
  /** Connections of the pool; listeners come on top. */
  maxConnections?: number;
  /** How long a caller waits for a connection before it is told that the database is away. */
  connectTimeoutMs?: number;
  /** A statement that runs longer is cancelled by the server. */
  statementTimeoutMs?: number;
}

const MAX_TRIES = 5;

/**
 * A statement that the server itself does not end by then has lost its server: a machine that vanished closes no
 * connection, and whoever waits for it would for as long as TCP tries, a quarter of an hour.
 */
const LOST_AFTER_MS = 5_000;

/**
 * A pool on `url`; connects when first asked. A transaction that Postgres rolled back as a deadlock or serialization
 * failure is run again, at most 5 times in all, so `work` may have no effect outside of its statements.
 */
export function connectPostgres(url: string, options: PostgresOptions = {}): Database {
  const { connectTimeoutMs = 5_000, statementTimeoutMs = 30_000 } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + LOST_AFTER_MS,
    keepAlive: true,
  });
  surviveLostConnections(pool);
  return {
    query: (sql, params) => run(pool, sql, params),
    transaction: (work) => runTransaction(pool, work),
    listen: (channel, onNotice, onReconnect) =>
      listenOn({ url, connectTimeoutMs, channel, onNotice, onReconnect }),
    close: () => pool.end(),
  };
}

/**
 * Without an 'error' listener a connection that Postgres closes ends the process. Nothing is lost by ignoring the event:
 * the statement in flight rejects by itself and the pool drops the client.
 */
function surviveLostConnections(pool: pg.Pool): void {
  const ignore = () => undefined;
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
}

type Runner = Pick<pg.Pool | pg.PoolClient, 'query'>;

async function run<R extends Row>(
  runner: Runner,
  sql: string,
  params: readonly unknown[] = [],
): Promise<R[]> {
  try {
    const result = await runner.query<R>({
      name: statementName(sql),
      text: sql,
      values: [...params],
    });
    return result.rows;
  } catch (cause) {
    throw unavailableWhenAway(cause);
  }
}

const statementNames = new Map<string, string>();

/** Named statements are parsed and planned once per connection. Texts are constants of the code: their number is small. */
function statementName(sql: string): string {
  const known = statementNames.get(sql);
  if (known !== undefined) return known;
  const name = `s${statementNames.size + 1}`;
  statementNames.set(sql, name);
  return name;
}

async function runTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await tryTransaction(pool, work);
    } catch (error) {
      if (!isRolledBackByChance(error) || tried === MAX_TRIES) throw error;
    }
  }
}

async function tryTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await connect(pool);
  let broken: Error | undefined;
  try {
    await run(client, 'begin');
    const outcome = await work({ query: (sql, params) => run(client, sql, params) });
    await run(client, 'commit');
    return outcome;
  } catch (error) {
    broken = await rollBack(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (cause) {
    throw unavailableWhenAway(cause);
  }
}

/** Resolves with the reason when the connection cannot be used any more. */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (cause) {
    return new Error('the connection could not be rolled back', { cause });
  }
}
