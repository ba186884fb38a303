import {
  type AttributeValue,
  ConditionalCheckFailedException,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { GpuAnswer, GpuClaim, GpuLease, GpuRoom } from '../presence.ts';
import { secondsAfter, type Table } from './table.ts';

/**
 * One item per GPU, `gpu#<host>#<id>`: `fence`, the number of the latest lease, and for each lease the attribute
 * `lease#<fence>` {holder, model, mib, until (ms), loaded}. A lease is added only on top of the fence that its taker has
 * read, so two takers never count the same room; each that fails has been overtaken by one that did not.
 */
export async function takeGpu(table: Table, claim: GpuClaim, ttlMs: number): Promise<GpuAnswer> {
  for (;;) {
    const item = await readGpu(table, claim.gpu.host, claim.gpu.id);
    const now = table.clock.now();
    const live = item.leases.filter(({ until }) => until > now);
    const roomMiB = roomOf(claim.gpu, live);
    if (claim.mib > roomMiB) return { kind: 'full', roomMiB, leases: live.map(leaseOf) };
    const lease: StoredLease = {
      ...{ host: claim.gpu.host, gpuId: claim.gpu.id, fence: item.fence + 1 },
      ...{ holder: claim.holder, model: claim.model, mib: claim.mib },
      ...{ until: now + ttlMs, loaded: false },
    };
    const lapsed = item.leases.filter(({ until }) => until <= now);
    if (await add(table, { lease, lapsed, now })) return { kind: 'taken', lease: leaseOf(lease) };
  }
}

/** Tests in the condition that the lease is there and has not lapsed. */
export async function renewGpu(
  table: Table,
  lease: GpuLease,
  { ttlMs, loaded }: { ttlMs: number; loaded: boolean },
): Promise<'held' | 'lost'> {
  const now = table.clock.now();
  const held = await changed(table, lease, {
    UpdateExpression: 'set #lease.#until = :until, #lease.#loaded = :loaded, expires_at = :expires',
    ConditionExpression: '#lease.#until > :now',
    ExpressionAttributeNames: {
      '#lease': nameOf(lease.fence),
      '#until': 'until',
      '#loaded': 'loaded',
    },
    ExpressionAttributeValues: {
      ':until': { N: String(now + ttlMs) },
      ':now': { N: String(now) },
      ':loaded': { BOOL: loaded },
      ':expires': secondsAfter(now + ttlMs),
    },
  });
  return held ? 'held' : 'lost';
}

/** A fence is never used twice, so nobody else's lease can be meant. */
export async function returnGpu(table: Table, lease: GpuLease): Promise<void> {
  await changed(table, lease, {
    UpdateExpression: 'remove #lease',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: { '#lease': nameOf(lease.fence) },
  });
}

export async function gpuRoom(
  table: Table,
  gpu: GpuRoom,
): Promise<{ roomMiB: number; leases: GpuLease[] }> {
  const live = await liveLeases(table, gpu.host, gpu.id);
  return { roomMiB: roomOf(gpu, live), leases: live.map(leaseOf) };
}

export async function gpuLeases(table: Table, host: string, gpuId: string): Promise<GpuLease[]> {
  return (await liveLeases(table, host, gpuId)).map(leaseOf);
}

/** The oldest first. */
async function liveLeases(table: Table, host: string, gpuId: string): Promise<StoredLease[]> {
  const { leases } = await readGpu(table, host, gpuId);
  const now = table.clock.now();
  return leases.filter(({ until }) => until > now).toSorted((a, b) => a.fence - b.fence);
}

interface StoredLease extends GpuLease {
  until: number;
  loaded: boolean;
}

/** What is loaded is no longer free; what is leased and not loaded will not be free for long. */
function roomOf(gpu: GpuRoom, live: readonly StoredLease[]): number {
  const leased = sum(live);
  const toLoad = sum(live.filter(({ loaded }) => !loaded));
  return Math.max(0, Math.min(gpu.totalMiB - leased, gpu.freeMiB - toLoad));
}

function sum(leases: readonly StoredLease[]): number {
  return leases.reduce((mib, lease) => mib + lease.mib, 0);
}

interface Addition {
  lease: StoredLease;
  /** Taken out on this occasion, if they are still lapsed then. */
  lapsed: readonly StoredLease[];
  now: number;
}

async function add(table: Table, { lease, lapsed, now }: Addition): Promise<boolean> {
  const names = Object.fromEntries(lapsed.map(({ fence }, at) => [`#old${at}`, nameOf(fence)]));
  const gone = Object.keys(names);
  const stillLapsed = gone.map(
    (name) => `(attribute_not_exists(${name}) or ${name}.#until <= :now)`,
  );
  const untouched = lease.fence === 1 ? 'attribute_not_exists(fence)' : 'fence = :read';
  return changed(table, lease, {
    UpdateExpression: [
      'set #lease = :lease, fence = :fence, expires_at = :expires',
      ...(gone.length === 0 ? [] : [`remove ${gone.join(', ')}`]),
    ].join(' '),
    ConditionExpression: [untouched, ...stillLapsed].join(' and '),
    ExpressionAttributeNames: {
      '#lease': nameOf(lease.fence),
      ...(gone.length === 0 ? {} : { ...names, '#until': 'until' }),
    },
    ExpressionAttributeValues: {
      ':lease': { M: attributesOf(lease) },
      ':fence': { N: String(lease.fence) },
      ':expires': secondsAfter(lease.until),
      ...(lease.fence === 1 ? {} : { ':read': { N: String(lease.fence - 1) } }),
      ...(gone.length === 0 ? {} : { ':now': { N: String(now) } }),
    },
  });
}

interface Change {
  UpdateExpression: string;
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** False when the condition did not hold. */
async function changed(
  { client, tableName }: Table,
  { host, gpuId }: GpuLease,
  change: Change,
): Promise<boolean> {
  try {
    const Key = keyOf(host, gpuId);
    await client.send(new UpdateItemCommand({ TableName: tableName, Key, ...change }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

async function readGpu({ client, tableName }: Table, host: string, gpuId: string) {
  const Key = keyOf(host, gpuId);
  const { Item = {} } = await client.send(
    new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }),
  );
  const leases = Object.entries(Item).flatMap(([name, value]): StoredLease[] => {
    const [, fence] = /^lease#(\d+)$/.exec(name) ?? [];
    if (fence === undefined || value.M === undefined) return [];
    return [{ host, gpuId, fence: Number(fence), ...valuesOf(value.M) }];
  });
  return { fence: Number(Item['fence']?.N ?? 0), leases };
}

function attributesOf({ holder, model, mib, until, loaded }: StoredLease) {
  return {
    holder: { S: holder },
    model: { S: model },
    mib: { N: String(mib) },
    until: { N: String(until) },
    loaded: { BOOL: loaded },
  };
}

function valuesOf(attributes: Record<string, AttributeValue>) {
  return {
    holder: attributes['holder']?.S ?? '',
    model: attributes['model']?.S ?? '',
    mib: Number(attributes['mib']?.N ?? 0),
    until: Number(attributes['until']?.N ?? 0),
    loaded: attributes['loaded']?.BOOL ?? false,
  };
}

function leaseOf({ until: _, loaded: __, ...lease }: StoredLease): GpuLease {
  return lease;
}

function nameOf(fence: number): string {
  return `lease#${fence}`;
}

function keyOf(host: string, gpuId: string): { pk: { S: string } } {
  return { pk: { S: `gpu#${host}#${gpuId}` } };
}
