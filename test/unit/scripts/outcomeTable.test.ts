import { describe, expect, it } from 'vitest';
import { hasFailed, type Outcome, outcomeTable } from '../../../scripts/localstack/outcomeTable.ts';

const ran = (failed: number): Outcome => ({
  title: 'moto',
  kind: 'ran',
  result: {
    passed: 48,
    failed,
    skipped: 7,
    reasons: new Map([['it loses writes', 7]]),
    ms: 12_940,
    succeeded: failed === 0,
    output: '',
  },
});

describe('the table of emulators', () => {
  it('counts what ran and says why the rest did not', () => {
    const away: Outcome = { title: 'LocalStack', kind: 'unavailable', why: 'no Python' };
    expect(outcomeTable([ran(0), away]).split('\n')).toEqual([
      'emulator    passed  failed  skipped  duration',
      'moto            48       0        7    12.9 s',
      'LocalStack       -       -        -   not run',
      '',
      'moto: 7 skipped: it loses writes',
      'LocalStack: not run: no Python',
    ]);
  });

  it('fails for a failed test and for an emulator that broke, not for one that cannot be had', () => {
    expect(hasFailed(ran(0))).toBe(false);
    expect(hasFailed(ran(1))).toBe(true);
    expect(hasFailed({ title: 'moto', kind: 'broken', why: 'it ended' })).toBe(true);
    expect(hasFailed({ title: 'moto', kind: 'unavailable', why: 'no index' })).toBe(false);
  });
});
