import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { EpochMs } from '../../kernel/clock.ts';
import type { MeasuredSpeed } from '../presence.ts';
import { secondsAfter, type Table } from './table.ts';

/** How long a model that nobody asks is remembered. */
const KEPT_MS = 90 * 86_400_000;

interface Measured {
  host: string;
  model: string;
  speed: MeasuredSpeed;
}

/** One item per host, `speeds#<host>`, with an attribute `model#<id>` for each: two workers never undo each other. */
export async function keepSpeed(table: Table, { host, model, speed }: Measured): Promise<void> {
  const { tokensPerSecond, measuredAt } = speed;
  await table.client.send(
    new UpdateItemCommand({
      TableName: table.tableName,
      Key: keyOf(host),
      UpdateExpression: 'set #model = :speed, expires_at = :expires',
      ExpressionAttributeNames: { '#model': `model#${model}` },
      ExpressionAttributeValues: {
        ':speed': {
          M: { per_second: { N: String(tokensPerSecond) }, at: { N: String(measuredAt) } },
        },
        ':expires': secondsAfter(measuredAt + KEPT_MS),
      },
    }),
  );
}

export async function speedsOf(
  { client, tableName }: Table,
  host: string,
): Promise<Record<string, MeasuredSpeed>> {
  const { Item = {} } = await client.send(
    new GetItemCommand({ TableName: tableName, Key: keyOf(host) }),
  );
  const speeds = Object.entries(Item).flatMap(([name, value]) => {
    const [, model] = /^model#(.+)$/s.exec(name) ?? [];
    if (model === undefined || value.M === undefined) return [];
    const tokensPerSecond = Number(value.M['per_second']?.N ?? 0);
    const measuredAt = Number(value.M['at']?.N ?? 0) as EpochMs;
    return [[model, { tokensPerSecond, measuredAt }] as const];
  });
  return Object.fromEntries(speeds);
}

function keyOf(host: string): { pk: { S: string } } {
  return { pk: { S: `speeds#${host}` } };
}
