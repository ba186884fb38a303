import { migrateDatabase } from '../../lib/app/migrateDatabase.ts';
import { app } from '../../lib/compose.ts';

/** Called by the deployment, before the new functions take traffic. */
export async function handler(): Promise<{ applied: string[] }> {
  return { applied: await migrateDatabase(await app()) };
}
