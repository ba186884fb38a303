import { runner } from 'node-pg-migrate';
import { assetPath } from '../kernel/assets.ts';
import { unavailableWhenAway } from './databaseErrors.ts';

/**
 * Brings the schema up to date and resolves with the names of the migrations it applied, oldest first. All of them or
 * none; several starters may call it at once: one works, the others wait for it.
 * Throws `Refusal('unavailable')` when the database cannot be reached.
 */
export async function migrate(
  databaseUrl: string,
  log: (line: string) => void = () => undefined,
): Promise<string[]> {
  const applied = await runner({
    databaseUrl,
    dir: assetPath('lib/db/migrations'),
    migrationsTable: 'migrations',
    direction: 'up',
    // The default, 'fail', rejects every starter but the first.
    advisoryLockMode: 'wait',
    logger: { debug: log, info: log, warn: log, error: log },
  }).catch((cause: unknown) => {
    throw unavailableWhenAway(cause);
  });
  return applied.map(({ name }) => name);
}
