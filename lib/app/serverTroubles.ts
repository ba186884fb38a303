import type { WorkerRecord } from '../presence/presence.ts';
import type { ServerTrouble } from '../task/serverTrouble.ts';

/** Model servers that a live worker asked and cannot use, each once with what was wrong. */
export function serverTroubles(workers: readonly WorkerRecord[]): ServerTrouble[] {
  const all = workers.flatMap(({ troubles = [] }) => troubles);
  return [...new Map(all.map((trouble) => [JSON.stringify(trouble), trouble])).values()];
}
