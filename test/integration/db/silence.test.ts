import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectPostgres } from '../../../lib/db/adapters/pg.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

let testDatabase: TestDatabase;
const sockets = new Set<Socket>();
let isSilent = false;

/** Stands before Postgres as a network that can lose everything without a word. */
const network = createServer((client) => {
  const { hostname, port } = new URL(testDatabase.url);
  const server = connect(Number(port), hostname);
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    sockets.add(from);
    from.on('error', () => from.destroy());
    from.on('data', (chunk: Buffer) => {
      if (!isSilent) to.write(chunk);
    });
    from.once('close', () => to.destroy());
  }
});

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  network.listen(0, '127.0.0.1');
  await once(network, 'listening');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  network.close();
  await testDatabase.drop();
});

test('a database that vanishes without a word is told of as one that is away, and found again when it is back', async () => {
  const url = new URL(testDatabase.url);
  url.port = String((network.address() as AddressInfo).port);
  const database = connectPostgres(url.href, { statementTimeoutMs: 500, connectTimeoutMs: 2_000 });
  await database.query('select 1');
  isSilent = true;
  const started = performance.now();
  await expect(database.query('select 1')).rejects.toMatchObject({ kind: 'unavailable' });
  expect(performance.now() - started).toBeLessThan(20_000);
  isSilent = false;
  expect(await database.query('select 2 as two')).toEqual([{ two: 2 }]);
  await database.close();
});
