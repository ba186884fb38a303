import { migrate } from '../db/migrate.ts';
import type { AppDeps } from './app.ts';

/** Brings the schema up to date; resolves with the names of the migrations that were applied. */
export async function migrateDatabase({ config, telemetry }: AppDeps): Promise<string[]> {
  const applied = await migrate(config.databaseUrl);
  telemetry.logger.info('the schema is up to date', { applied });
  return applied;
}
