import { existsSync } from 'node:fs';
import { migrate } from '../lib/db/migrate.ts';
import { Refusal } from '../lib/kernel/errors.ts';

/** `npm run migrate`: brings the schema of DATABASE_URL up to date. `npm start` does so by itself. */
process.exitCode = await main();

async function main(): Promise<number> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const databaseUrl = process.env['DATABASE_URL'];
  if (databaseUrl === undefined || databaseUrl === '') {
    console.error(
      'DATABASE_URL is not set. The embedded Postgres is migrated by npm start itself.',
    );
    return 78;
  }
  try {
    const applied = await migrate(databaseUrl, (line) => console.error(line));
    console.log(applied.length === 0 ? 'up to date' : `applied: ${applied.join(', ')}`);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    return 1;
  }
}
