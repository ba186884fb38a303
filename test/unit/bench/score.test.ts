import { describe, expect, it } from 'vitest';
import type { PlayedRun } from '../../../scripts/bench/playRuns.ts';
import { scoreRuns } from '../../../scripts/bench/score.ts';

function played(
  agent: PlayedRun['agent'],
  ended: string,
  more: Partial<PlayedRun> = {},
): PlayedRun {
  const wanted = agent === 'gold' ? 'verified' : undefined;
  const base = {
    task: 'a',
    language: 'python' as const,
    kind: agent,
    reason: undefined,
    summary: '',
  };
  return { ...base, agent, ended, wanted, ms: 100, ...more };
}

describe('the score of a bench', () => {
  it('counts a wrong answer that ended verified as false-done', () => {
    const score = scoreRuns([
      played('gold', 'verified'),
      played('bad', 'verified'),
      played('liar', 'refuted'),
    ]);
    expect(score).toMatchObject({ precision: 0.5, recall: 1, falseDoneRate: 0.5 });
    expect(score.falseDone).toHaveLength(1);
  });

  it('counts a right answer that was not verified as refused', () => {
    const score = scoreRuns([played('gold', 'refuted'), played('gold', 'verified')]);
    expect(score).toMatchObject({ precision: 1, recall: 0.5, falseDoneRate: 0 });
    expect(score.refusedGold).toHaveLength(1);
  });

  it('holds a right answer that must not be verified to that', () => {
    const score = scoreRuns([played('gold', 'verified', { wanted: 'unverified' })]);
    expect(score.falseDone).toHaveLength(1);
    expect(score.refusedGold).toHaveLength(1);
  });

  it('blames nobody for a tool that is not there', () => {
    const score = scoreRuns([played('gold', 'unverified', { reason: 'toolchain_missing' })]);
    expect(score).toMatchObject({ recall: 1, goldWanted: 0 });
    expect([score.refusedGold, score.notHere.length]).toEqual([[], 1]);
  });

  it('tells the middle and the slow end of the times', () => {
    const runs = [1, 2, 3, 4].map((ms) => played('bad', 'refuted', { ms }));
    expect(scoreRuns(runs).time).toEqual({ p50: 3, p95: 4, total: 10 });
  });
});
