import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIFFERENCES, differencesPage, recorded } from '../../../infra/localstack/differences.ts';

describe('the record of differences', () => {
  it('is what its page shows', () => {
    expect(readFileSync('infra/localstack/differences.md', 'utf8')).toBe(differencesPage());
  });

  it('holds what differs only', () => {
    const same = DIFFERENCES.filter(({ found }) => new Set(Object.values(found)).size === 1);
    expect(same).toEqual([]);
  });

  it('knows nothing of a service that does not run, nor of a stranger', () => {
    expect(recorded('account', 'moto')).toBe('123456789012');
    expect(recorded('partiql', 'localstack')).toBeUndefined();
    expect(recorded('partiql', 'another')).toBeUndefined();
  });
});
