import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../../lib/client/client.ts';
import { createClient } from '../../lib/client/createClient.ts';
import { type App, app, closeApp } from '../../lib/compose.ts';
import { startApi } from './api.ts';
import { createTestDatabase } from './testDatabase.ts';
import { createTestResources } from './testEdge.ts';

export const TEST_KEY = 'test-key';

/** The API over real HTTP with a database, queues and a table of its own; no worker. */
export interface Service {
  url: string;
  client: Client;
  /** What its functions work with: a test plays the worker through it. */
  deps: App;
  /** A request with the key and, with a body, as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  close(): Promise<void>;
}

export interface CallOptions {
  /** A string or bytes go out as they are, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Null sends none. */
  key?: string | null;
}

/** One at a time per test file: the functions of a process share one app. */
export async function openService(env: Record<string, string> = {}): Promise<Service> {
  const [database, resources] = await Promise.all([createTestDatabase(), createTestResources()]);
  const root = mkdtempSync(join(tmpdir(), 'agent-service-'));
  const api = await startApi({
    PROFILE: 'embedded',
    API_KEY: TEST_KEY,
    READ_ACCESS: 'open',
    AGENT_HOME: join(root, 'home'),
    WORKSPACE_ROOT: join(root, 'workspace'),
    DATABASE_URL: database.url,
    AWS_ENDPOINT_URL: resources.endpoint,
    AWS_REGION: resources.region,
    QUEUE_NAME: resources.queueName,
    DEAD_LETTER_QUEUE_NAME: resources.deadLetterQueueName,
    PRESENCE_TABLE: resources.tableName,
    OTEL_TRACES_EXPORTER: 'none',
    LOG_LEVEL: 'error',
    ...env,
  });
  const deps = await app();
  return {
    url: api.url,
    client: createClient({ url: api.url, apiKey: TEST_KEY }),
    deps,
    call: (method, path, options) => call(api.url + path, method, options),
    close: async () => {
      await api.close();
      await closeApp();
      await resources.drop();
      await database.drop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function call(
  url: string,
  method: string,
  { body, headers = {}, key = TEST_KEY }: CallOptions = {},
): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      ...(key === null ? {} : { 'x-api-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: encode(body) }),
  });
}

function encode(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}
