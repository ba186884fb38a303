import { realpathSync } from 'node:fs';
import pg from 'pg';

const USER = 'agent';
const DATABASE = 'agent';

export function databaseUrl(port: number, password: string): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`;
}

interface Identity {
  port: number;
  password: string;
  dataDir: string;
}

/** Whether the server on this port accepts connections and is the one of this data directory. */
export async function answers({ port, password, dataDir }: Identity): Promise<boolean> {
  const client = maintenance(port, password);
  try {
    await client.connect();
    const found = await client.query<{ folder: string }>(
      "select current_setting('data_directory') as folder",
    );
    return found.rows.some((row) => realpathSync(row.folder) === realpathSync(dataDir));
  } catch (error) {
    if (isNotReady(error)) return false;
    throw error;
  } finally {
    await client.end();
  }
}

/** Idempotent. */
export async function createDatabase(port: number, password: string): Promise<void> {
  const client = maintenance(port, password);
  try {
    await client.connect();
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function maintenance(port: number, password: string): pg.Client {
  return new pg.Client({
    host: '127.0.0.1',
    port,
    user: USER,
    password,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  });
}

/** Nobody listens yet; the server is starting, recovering or stopping; or another program holds the port. */
function isNotReady(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const CANNOT_CONNECT_NOW = '57P03';
  const INVALID_PASSWORD = '28P01';
  if (code === CANNOT_CONNECT_NOW || code === INVALID_PASSWORD) return true;
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return true;
  return error instanceof Error && /connection terminated|timeout/i.test(error.message);
}
