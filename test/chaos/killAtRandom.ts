import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import type { SeededRandom } from './seededRandom.ts';

export interface Kills {
  api: number;
  worker: number;
  edge: number;
  postgres: number;
}

const LEAST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_500;

/** Kills one process after the other with -9, workers most often, and resolves with how many of each. */
export async function killAtRandom(
  arena: Arena,
  count: number,
  random: SeededRandom,
): Promise<Kills> {
  const kills: Kills = { api: 0, worker: 0, edge: 0, postgres: 0 };
  const choices = ['api', 'worker', 'worker', 'edge', 'postgres'] as const;
  for (let done = 0; done < count; done += 1) {
    await delay(random.between(LEAST_PAUSE_MS, LONGEST_PAUSE_MS));
    // Each kind once before chance decides.
    const forced = (['worker', 'postgres', 'edge', 'api'] as const)[done];
    const victim = forced ?? random.pick(choices);
    if (victim === 'postgres') await arena.killPostgres();
    else if (victim === 'worker') await random.pick(arena.workers).kill();
    else await arena[victim].kill();
    kills[victim] += 1;
  }
  return kills;
}
