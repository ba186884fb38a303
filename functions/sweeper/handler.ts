import { expireTasks, sweep } from '../../lib/app/sweep.ts';
import { app } from '../../lib/compose.ts';

/** Scheduled. An error fails the invocation: the schedule comes again. */
export async function handler(): Promise<void> {
  const deps = await app();
  await sweep(deps);
  await expireTasks(deps);
}
