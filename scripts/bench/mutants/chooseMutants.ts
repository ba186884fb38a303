import type { Language } from '../../../lib/task/payload.ts';
import type { BenchTask } from '../buildTask.ts';
import { type Mutant, mutantsOf } from './mutate.ts';

export interface ChosenMutant {
  task: BenchTask;
  mutant: Mutant;
}

/** Of a hundred mutants: what starts quickly gets more, so that many can be judged in minutes. */
const SHARES: Record<Language, number> = {
  python: 39,
  javascript: 27,
  typescript: 17,
  java: 13,
  go: 1,
  rust: 1,
  c: 1,
  cpp: 1,
};

/** Mutants of right answers that must be proved by their project's own tests; the same for the same seed. */
export function chooseMutants(
  tasks: readonly BenchTask[],
  { count, seed }: { count: number; seed: number },
): ChosenMutant[] {
  const next = generator(seed);
  const pools = new Map<Language, ChosenMutant[]>();
  for (const task of tasks) {
    if (task.goldVerdict !== 'verified' || 'command' in task.oracle) continue;
    const gold = task.answers.find(({ agent }) => agent === 'gold')?.files[task.source] ?? '';
    const pool = pools.get(task.language) ?? [];
    pool.push(...mutantsOf(task.language, gold).map((mutant) => ({ task, mutant })));
    pools.set(task.language, pool);
  }
  const chosen = [...pools].flatMap(([language, pool]) =>
    shuffled(pool, next)
      .filter(changesBase)
      .slice(0, Math.ceil((count * SHARES[language]) / 100)),
  );
  const rest = shuffled([...pools.values()].flat(), next).filter(
    (one) => changesBase(one) && !chosen.includes(one),
  );
  return [...chosen, ...rest].slice(0, count);
}

/** A mutant that is the base tree again is no answer at all. */
function changesBase({ task, mutant }: ChosenMutant): boolean {
  return task.base[task.source] !== mutant.text;
}

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => ({ item, rank: next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

/** Mulberry32: small, seeded, the same everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
