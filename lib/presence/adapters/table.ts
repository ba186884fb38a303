import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../kernel/clock.ts';

export interface Table {
  client: DynamoDBClient;
  tableName: string;
  clock: Clock;
}

/** DynamoDB's TTL counts in seconds; a minute of grace keeps an item from going before its readers' clocks agree. */
export function secondsAfter(epochMs: number): { N: string } {
  return { N: String(Math.ceil(epochMs / 1_000) + 60) };
}
