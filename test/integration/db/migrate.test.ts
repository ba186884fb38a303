import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { migrate } from '../../../lib/db/migrate.ts';

const name = `agent_migrate_${randomBytes(6).toString('hex')}`;
let url: string;

async function administer(statement: string) {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  await client.query(statement);
  await client.end();
}

beforeEach(async () => {
  await administer(`create database ${name}`);
  url = Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}` }).href;
});
afterEach(() => administer(`drop database ${name} with (force)`));

test('of three starters at once one migrates, the others wait, and all succeed', async () => {
  const applied = await Promise.all([migrate(url), migrate(url), migrate(url)]);
  expect(applied.toSorted((a, b) => a.length - b.length)).toEqual([
    [],
    [],
    [
      '0001_tasks',
      '0002_log',
      '0003_metrics',
      '0004_patch_requests',
      '0005_audit',
      '0006_model_calls',
      '0007_waiting',
    ],
  ]);
});

test('a second start finds nothing to do', async () => {
  await migrate(url);
  expect(await migrate(url)).toEqual([]);
});

test('a database that is away is told as such', async () => {
  await expect(migrate('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({
    kind: 'unavailable',
    code: 'database_unavailable',
  });
});
