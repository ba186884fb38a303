import { reportBacklog } from '../../lib/app/reportBacklog.ts';
import { expireTasks, sweep } from '../../lib/app/sweep.ts';
import { app } from '../../lib/compose.ts';
import { flushMeasures } from '../../lib/http/measure.ts';

/** Scheduled. An error fails the invocation: the schedule comes again. */
export async function handler(): Promise<void> {
  const deps = await app();
  try {
    await sweep(deps);
    await expireTasks(deps);
    await reportBacklog(deps);
  } finally {
    await flushMeasures(deps);
  }
}
