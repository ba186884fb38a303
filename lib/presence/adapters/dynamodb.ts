import {
  type AttributeValue,
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Clock, EpochMs } from '../../kernel/clock.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { Presence, RateWindow, WorkerRecord } from '../presence.ts';
import { gpuLeases, gpuRoom, renewGpu, returnGpu, takeGpu } from './gpuLeases.ts';
import { keepSpeed, speedsOf } from './speeds.ts';
import { secondsAfter, type Table } from './table.ts';
import { parseWorkerRecord } from './workerRecord.ts';

export interface DynamoPresenceOptions {
  /** An emulator's address; absent on AWS. With one, the credentials are LocalStack's: test, test. */
  endpoint?: string | undefined;
  region: string;
  tableName: string;
  clock: Clock;
}

/**
 * One table with the partition key `pk` and deletion by `expires_at` (seconds). Items:
 * `worker#<id>` {record, alive_until (ms)}; `workers` {ids}: who may be there, so that nobody scans;
 * `use#<key>#<window>#<start>` {used}: one counter per window, so that an old one is never read;
 * `gpu#<host>#<id>` and `speeds#<host>`: see gpuLeases.ts and speeds.ts.
 * Deletion by TTL lags (on AWS up to days) and some emulators have none: every read tests the time itself.
 */
export function createDynamoPresence(options: DynamoPresenceOptions): Presence {
  const client = connect(options);
  const table: Table = { client, tableName: options.tableName, clock: options.clock };
  return {
    announce: (record, ttlMs) => available(table, () => announce(table, record, ttlMs)),
    withdraw: (workerId) => available(table, () => withdraw(table, workerId)),
    liveWorkers: () => available(table, () => liveWorkers(table)),
    countUse: (key, limit, windowMs) =>
      available(table, () => countUse(table, { key, limit, windowMs })),
    takeGpu: (claim, ttlMs) => available(table, () => takeGpu(table, claim, ttlMs)),
    gpuRoom: (gpu) => available(table, () => gpuRoom(table, gpu)),
    renewGpu: (lease, ttlMs, loaded) =>
      available(table, () => renewGpu(table, lease, { ttlMs, loaded })),
    returnGpu: (lease) => available(table, () => returnGpu(table, lease)),
    gpuLeases: (host, gpuId) => available(table, () => gpuLeases(table, host, gpuId)),
    keepSpeed: (host, model, speed) =>
      available(table, () => keepSpeed(table, { host, model, speed })),
    speedsOf: (host) => available(table, () => speedsOf(table, host)),
    close: () => client.destroy(),
  };
}

function connect({ endpoint, region }: DynamoPresenceOptions): DynamoDBClient {
  return new DynamoDBClient({
    region,
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined
      ? {}
      : { endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }),
  });
}

async function available<T>({ tableName }: Table, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw unavailable(tableName, cause);
  }
}

function unavailable(tableName: string, cause: unknown): Refusal {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new Refusal('unavailable', `the table ${tableName} cannot be reached: ${reason}`, {
    code: 'presence_unavailable',
    remedy: 'see whether DynamoDB, or the edge that stands for it, is running',
    retryAfterSeconds: 2,
    cause,
  });
}

const REGISTRY = { pk: { S: 'workers' } };

/** How long a silent worker stays in the registry; then readers take it out. */
const FORGOTTEN_AFTER_MS = 600_000;

async function announce(table: Table, record: WorkerRecord, ttlMs: number): Promise<void> {
  const aliveUntil = table.clock.now() + ttlMs;
  await table.client.send(
    new PutItemCommand({
      TableName: table.tableName,
      Item: {
        ...workerKey(record.workerId),
        record: { S: JSON.stringify(record) },
        alive_until: { N: String(aliveUntil) },
        expires_at: secondsAfter(aliveUntil),
      },
    }),
  );
  await changeRegistry(table, 'add', [record.workerId]);
}

async function withdraw(table: Table, workerId: string): Promise<void> {
  const { client, tableName } = table;
  await client.send(new DeleteItemCommand({ TableName: tableName, Key: workerKey(workerId) }));
  await changeRegistry(table, 'delete', [workerId]);
}

async function liveWorkers(table: Table): Promise<WorkerRecord[]> {
  const { client, tableName } = table;
  const { Item } = await client.send(
    new GetItemCommand({ TableName: tableName, Key: REGISTRY, ConsistentRead: true }),
  );
  const ids = Item?.['ids']?.SS ?? [];
  const items = await readWorkers(table, ids);
  await forgetGone(table, ids, items);
  const now = table.clock.now();
  return items
    .filter((item) => aliveUntil(item) > now)
    .map((item) => parseWorkerRecord(item['record']?.S ?? '{}'))
    .filter((record) => record !== undefined)
    .sort((a, b) => a.startedAt - b.startedAt || a.workerId.localeCompare(b.workerId));
}

type Item = Record<string, AttributeValue>;

/** What DynamoDB reads in one call. */
const READ_MAX = 100;

async function readWorkers({ client, tableName }: Table, ids: string[]): Promise<Item[]> {
  const items: Item[] = [];
  let keys: Item[] = ids.map(workerKey);
  while (keys.length > 0) {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: { [tableName]: { Keys: keys.slice(0, READ_MAX), ConsistentRead: true } },
      }),
    );
    items.push(...(Responses?.[tableName] ?? []));
    keys = [...(UnprocessedKeys?.[tableName]?.Keys ?? []), ...keys.slice(READ_MAX)];
  }
  return items;
}

/** A worker that was taken out too early is back with its next announcement, which adds it again. */
async function forgetGone(table: Table, ids: string[], items: Item[]): Promise<void> {
  const silentSince = table.clock.now() - FORGOTTEN_AFTER_MS;
  const kept = items.filter((item) => aliveUntil(item) > silentSince);
  const known = new Set(kept.map((item) => item['pk']?.S));
  const gone = ids.filter((id) => !known.has(workerKey(id).pk.S));
  if (gone.length > 0) await changeRegistry(table, 'delete', gone);
}

async function changeRegistry(
  { client, tableName }: Table,
  change: 'add' | 'delete',
  ids: string[],
): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: REGISTRY,
      UpdateExpression: `${change} ids :ids`,
      ExpressionAttributeValues: { ':ids': { SS: ids } },
    }),
  );
}

interface Use {
  key: string;
  limit: number;
  windowMs: number;
}

async function countUse(table: Table, { key, limit, windowMs }: Use): Promise<RateWindow> {
  const startsAt = Math.floor(table.clock.now() / windowMs) * windowMs;
  const resetsAt = (startsAt + windowMs) as EpochMs;
  const used = await addUse(table, `use#${key}#${windowMs}#${startsAt}`, resetsAt);
  return { used, remaining: Math.max(0, limit - used), resetsAt };
}

async function addUse(
  { client, tableName }: Table,
  pk: string,
  resetsAt: EpochMs,
): Promise<number> {
  const { Attributes } = await client.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: { pk: { S: pk } },
      UpdateExpression: 'add used :one set expires_at = :expires',
      ExpressionAttributeValues: { ':one': { N: '1' }, ':expires': secondsAfter(resetsAt) },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  return Number(Attributes?.['used']?.N);
}

function workerKey(workerId: string): { pk: { S: string } } {
  return { pk: { S: `worker#${workerId}` } };
}

function aliveUntil(item: Item): number {
  return Number(item['alive_until']?.N ?? 0);
}
