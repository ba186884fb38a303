import { join } from 'node:path';
import pg from 'pg';
import { type RunningEdge, startEdge } from '../../infra/localstack/edge.ts';
import { startPostgres } from '../../infra/postgres/startPostgres.ts';
import type { Config } from '../../lib/config/config.ts';
import { StartRefused } from './startRefused.ts';

export interface Services {
  databaseUrl: string;
  /** 0 when the database is the user's own. */
  postgresPort: number;
  /** Undefined: AWS itself. */
  awsEndpointUrl: string | undefined;
  /** Undefined when the queues are elsewhere. */
  edge: RunningEdge | undefined;
}

export interface ServiceTools {
  given: { databaseUrl: string | undefined; awsEndpointUrl: string | undefined };
  log: (line: string) => void;
  /** What undoes a step runs last in, first out. */
  undo: AsyncDisposableStack;
}

/** Starts Postgres and the AWS edge, but for what the user brings along; that must be there. */
export async function startServices(config: Config, tools: ServiceTools): Promise<Services> {
  const postgres = await database(config, tools);
  return { ...postgres, ...(await queues(config, tools)) };
}

async function database(config: Config, { given, log, undo }: ServiceTools) {
  if (given.databaseUrl !== undefined) {
    await requireDatabase(given.databaseUrl);
    return { databaseUrl: given.databaseUrl, postgresPort: 0 };
  }
  const postgres = await startPostgres({
    home: join(config.agentHome, 'postgres'),
    port: config.postgresPort,
    logFile: join(config.agentHome, 'logs', 'postgres.log'),
  });
  undo.defer(postgres.stop);
  const how = postgres.reused ? 'was still running' : 'started';
  log(`Postgres ${how} on 127.0.0.1:${postgres.port}`);
  return { databaseUrl: postgres.url, postgresPort: postgres.port };
}

async function queues(config: Config, { given, log, undo }: ServiceTools) {
  if (given.awsEndpointUrl !== undefined || config.profile !== 'embedded') {
    return { awsEndpointUrl: given.awsEndpointUrl, edge: undefined };
  }
  const edge = await startEdge({ port: config.edgePort });
  undo.defer(edge.stop);
  log(`SQS and DynamoDB started on ${edge.endpoint}`);
  return { awsEndpointUrl: edge.endpoint, edge };
}

async function requireDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
  } catch (cause) {
    const { host, pathname } = new URL(url);
    const found = cause instanceof Error ? messageOf(cause) : String(cause);
    throw new StartRefused(
      `Nothing was started: DATABASE_URL: no connection to the database ${pathname.slice(1)} at ${host}: ${found}. Start that Postgres, ` +
        'correct the variable, or unset it to use the embedded one.',
      { cause },
    );
  } finally {
    await client.end();
  }
}

/** Where a name has several addresses, the reason is in the parts. */
function messageOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors
    .map((part: unknown) => (part instanceof Error ? part.message : part))
    .join('; ');
}
