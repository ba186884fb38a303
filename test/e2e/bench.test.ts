import { expect, test } from 'vitest';
import { readManifest } from '../../scripts/bench/manifest.ts';
import { runBench } from '../../scripts/bench/runBench.ts';
import { scoreRuns } from '../../scripts/bench/score.ts';

/** About a minute on two quiet cores. */
const LONGEST_MS = 400_000;

test(
  'a whole system believes right answers and no wrong or lying one',
  async () => {
    const { tasks, short } = readManifest('examples/proof/manifest.yaml');
    const chosen = tasks.filter(({ id }) => short.includes(id));
    const played = await runBench({
      tasks: chosen,
      env: process.env,
      slots: 2,
      signal: new AbortController().signal,
      log: () => undefined,
      onEnd: () => undefined,
    });
    const score = scoreRuns(played);
    expect(chosen).toHaveLength(13);
    expect(score.falseDone).toEqual([]);
    expect(score.refusedGold).toEqual([]);
    expect(score.answers).toMatchObject({ gold: 13, liar: 26 });
    expect(played.filter(({ ended }) => ended === 'internal_error')).toEqual([]);
  },
  LONGEST_MS,
);
