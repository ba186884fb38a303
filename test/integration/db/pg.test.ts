import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectPostgres } from '../../../lib/db/adapters/pg.ts';
import type { Database } from '../../../lib/db/db.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

let testDatabase: TestDatabase;
let database: Database;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = connectPostgres(testDatabase.url);
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

const AWAY = { kind: 'unavailable', code: 'database_unavailable', retryAfterSeconds: 2 };

/** As a restart of Postgres does: every other connection of this database is ended by the server. */
const endConnections = () =>
  database.query(
    `select pg_terminate_backend(pid)
     from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );

async function counter(): Promise<number> {
  const [row] = await database.query<{ n: number }>('select n from counted');
  return row?.n ?? 0;
}

beforeEach(async () => {
  await database.query('create table counted (n int not null)');
  await database.query('insert into counted values (0)');
});

test('a transaction commits what it wrote when its work resolves', async () => {
  const answer = await database.transaction(async (tx) => {
    await tx.query('update counted set n = n + 1');
    return 'done';
  });
  expect(answer).toBe('done');
  expect(await counter()).toBe(1);
});

test('a transaction takes back what it wrote when its work rejects, and the connection lives on', async () => {
  const failing = database.transaction(async (tx) => {
    await tx.query('update counted set n = n + 1');
    throw new Error('on purpose');
  });
  await expect(failing).rejects.toThrow('on purpose');
  expect(await counter()).toBe(0);
});

test('a broken statement is thrown with its SQLSTATE', async () => {
  await expect(database.query('select * from nowhere')).rejects.toMatchObject({ code: '42P01' });
});

test('transactions that deadlock are run again until both are through', async () => {
  await database.query('create table pair (id int primary key, n int not null)');
  await database.query('insert into pair values (1, 0), (2, 0)');
  let waiting = 0;
  let bothInside: () => void = () => undefined;
  const met = new Promise<void>((resolve) => {
    bothInside = resolve;
  });
  const crossing = (first: number, second: number) =>
    database.transaction(async (tx) => {
      await tx.query('update pair set n = n + 1 where id = $1', [first]);
      waiting += 1;
      if (waiting === 2) bothInside();
      await met;
      await tx.query('update pair set n = n + 1 where id = $1', [second]);
    });
  await Promise.all([crossing(1, 2), crossing(2, 1)]);
  expect(await database.query('select n from pair')).toEqual([{ n: 2 }, { n: 2 }]);
});

test('a server that cannot be reached is unavailable, to a query and to a transaction', async () => {
  const away = connectPostgres('postgres://nobody@127.0.0.1:1/none');
  await expect(away.query('select 1')).rejects.toMatchObject(AWAY);
  await expect(away.transaction(async () => 1)).rejects.toMatchObject(AWAY);
  await expect(
    away.listen(
      'x',
      () => undefined,
      () => undefined,
    ),
  ).rejects.toMatchObject(AWAY);
  await away.close();
});

test('a server that accepts and never answers is unavailable after the time for connecting', async () => {
  const silent = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const away = connectPostgres(`postgres://nobody@127.0.0.1:${port}/none`, {
    connectTimeoutMs: 200,
  });
  await expect(away.query('select 1')).rejects.toMatchObject(AWAY);
  await away.close();
  await new Promise((resolve) => silent.close(resolve));
});

test('a statement that runs too long is cut, and told as unavailable', async () => {
  const impatient = connectPostgres(testDatabase.url, { statementTimeoutMs: 100 });
  await expect(impatient.query('select pg_sleep(30)')).rejects.toMatchObject(AWAY);
  await impatient.close();
});

test('a connection that Postgres ends in a transaction is told as unavailable, and the next query works', async () => {
  const cut = database.transaction(async (tx) => {
    const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
    await database.query('select pg_terminate_backend($1)', [row?.pid]);
    await tx.query('update counted set n = n + 1');
  });
  await expect(cut).rejects.toMatchObject(AWAY);
  expect(await counter()).toBe(0);
});

test('idle connections that Postgres ends do no harm', async () => {
  await Promise.all(Array.from({ length: 5 }, () => database.query('select pg_sleep(0.02)')));
  await endConnections();
  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, () => database.query('select 1 as one')),
  );
  expect(answers.at(-1)).toMatchObject({ status: 'fulfilled' });
});

test('a listener hears what is notified, and hears again after its connection was cut', async () => {
  const heard: string[] = [];
  let onHeard: (payload: string) => void = () => undefined;
  let onBack: () => void = () => undefined;
  const back = new Promise<void>((resolve) => {
    onBack = resolve;
  });
  const listener = await database.listen(
    'news',
    (payload) => {
      heard.push(payload);
      onHeard(payload);
    },
    onBack,
  );
  const hears = (payload: string) =>
    new Promise<void>((resolve) => {
      onHeard = (got) => got === payload && resolve();
    });
  const first = hears('one');
  await database.query(`select pg_notify('news', 'one')`);
  await first;
  await endConnections();
  await back;
  const second = hears('two');
  await database.query(`select pg_notify('news', 'two')`);
  await second;
  expect(heard).toEqual(['one', 'two']);
  await listener.close();
});

test('a closed listener is not reopened', async () => {
  const listener = await database.listen(
    'news',
    () => undefined,
    () => undefined,
  );
  await listener.close();
  const listening = await database.query(
    `select pid from pg_stat_activity where datname = current_database() and query like 'listen%'`,
  );
  expect(listening).toEqual([]);
});

test('after closing, a query is told that the database is away', async () => {
  const closed = connectPostgres(testDatabase.url);
  await closed.query('select 1');
  await closed.close();
  await expect(closed.query('select 1')).rejects.toMatchObject(AWAY);
});
