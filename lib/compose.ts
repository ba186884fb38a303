import { join } from 'node:path';
import type { AppDeps } from './app/app.ts';
import type { Config } from './config/config.ts';
import { processConfig } from './config/processConfig.ts';
import { connectPostgres } from './db/adapters/pg.ts';
import type { Database } from './db/db.ts';
import { createPollEventLog } from './events/adapters/poll.ts';
import { createPostgresEventLog } from './events/adapters/postgres.ts';
import { systemClock } from './kernel/clock.ts';
import { systemRandom } from './kernel/random.ts';
import { createDynamoPresence } from './presence/adapters/dynamodb.ts';
import { createSqsDoorbell } from './queue/adapters/sqs.ts';
import { createStore } from './store/store.ts';
import { createMetrics } from './telemetry/adapters/emfMetrics.ts';
import { createTracer } from './telemetry/adapters/otelTracer.ts';
import { createLogger } from './telemetry/adapters/pinoLogger.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** What the functions work with. */
export interface App extends AppDeps {
  close(): Promise<void>;
}

let shared: Promise<App> | undefined;

/** The app of this process, made at the first call; all functions of a process share it. */
export function app(): Promise<App> {
  shared ??= Promise.resolve().then(() => createApp(processConfig()));
  return shared;
}

/** Takes the shared app down, so that the next call of `app` reads the environment anew. */
export async function closeApp(): Promise<void> {
  const closing = await shared;
  shared = undefined;
  await closing?.close();
}

function createApp(config: Config): App {
  return assemble(config, 'api').app;
}

/** The rooms that every process has; `service` names it in logs, spans and metrics. */
export function assemble(config: Config, service: string): { app: App; database: Database } {
  const telemetry = openTelemetry(config, service);
  const database = connectPostgres(config.databaseUrl);
  const store = createStore(database);
  const { awsEndpointUrl: endpoint, awsRegion: region } = config;
  const { queueName, deadLetterQueueName, presenceTable: tableName } = config;
  const doorbell = createSqsDoorbell({ endpoint, region, queueName, deadLetterQueueName });
  const presence = createDynamoPresence({ endpoint, region, tableName, clock: systemClock });
  const eventLog =
    config.profile === 'aws' ? createPollEventLog(store) : createPostgresEventLog(database, store);
  const deps = { config, store, doorbell, presence, eventLog, telemetry };
  const close = async () => {
    await eventLog.close();
    await store.close();
    doorbell.close();
    presence.close();
    await database.close();
    await telemetry.metrics.flush();
    await telemetry.tracer.close();
  };
  return { app: { ...deps, clock: systemClock, random: systemRandom, close }, database };
}

export function openTelemetry(config: Config, service: string): Telemetry {
  const embedded = config.profile === 'embedded';
  const inLogs = (name: string) => (embedded ? join(config.agentHome, 'logs', name) : undefined);
  const logger = createLogger({ level: config.logLevel, service });
  return {
    logger,
    tracer: createTracer({
      service,
      exporter: config.otelTracesExporter,
      file: inLogs(`traces-${service}.jsonl`),
      otlpEndpoint: config.otlpEndpoint,
      logger,
    }),
    metrics: createMetrics({
      enabled: true,
      namespace: config.metricsNamespace,
      service,
      destination: inLogs(`metrics-${service}.jsonl`),
      logger,
    }),
  };
}
