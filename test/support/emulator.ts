import type { TestContext } from 'vitest';
import * as z from 'zod';

/** What answers at the endpoint of the tests. */
export interface Emulator {
  name: 'embedded' | 'localstack' | 'ministack' | 'moto' | 'another';
  /** As it says itself; undefined when it does not. */
  version: string | undefined;
  endpoint: string;
  queues: boolean;
  tables: boolean;
}

/** Asks by the paths that each is known by. Throws when nothing listens there. */
export async function identifyEmulator(endpoint: string): Promise<Emulator> {
  const both = { endpoint, queues: true, tables: true };
  const told = Health.safeParse(await read(endpoint, '/_localstack/health'));
  if (told.success) {
    const { edition, version, services } = told.data;
    const isMiniStack = Object.hasOwn(told.data, 'ready_scripts');
    const product = isMiniStack ? 'ministack' : 'localstack';
    const has = (service: string) => services[service] !== 'disabled';
    return {
      name: edition === 'embedded' ? 'embedded' : product,
      version,
      endpoint,
      queues: has('sqs'),
      tables: has('dynamodb'),
    };
  }
  const isMoto = (await read(endpoint, '/moto-api/data.json')) !== undefined;
  return { name: isMoto ? 'moto' : 'another', version: undefined, ...both };
}

const Health = z.looseObject({
  edition: z.string().optional(),
  version: z.string().optional(),
  services: z.record(z.string(), z.string()),
});

const DEADLINE_MS = 10_000;

/** Undefined where the path does not lead to JSON. */
async function read(endpoint: string, path: string): Promise<unknown> {
  const response = await fetch(new URL(path, endpoint), {
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const body = await response.text();
  if (!response.ok) return undefined;
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** For the first line of a test run. */
export function introduce({ name, version, endpoint, queues, tables }: Emulator): string {
  const who = name === 'embedded' ? 'the embedded edge' : [name, version].filter(Boolean).join(' ');
  const services = [queues ? 'SQS' : '', tables ? 'DynamoDB' : ''].filter(Boolean).join(' and ');
  return `AWS in these tests: ${who} at ${endpoint} (${services || 'neither SQS nor DynamoDB'})`;
}

/** Ends the test as skipped, with a reason that a report can tell too. */
export function skipHere(context: Pick<TestContext, 'task' | 'skip'>, why: string): never {
  context.task.meta.skipped = why;
  return context.skip(why);
}
