import { describe, expect, test } from 'vitest';
import {
  fixedCases,
  type JudgedRun,
  keptCases,
  regressedCases,
} from '../../../../lib/agents/oracle/cases.ts';
import { readSuite } from '../../../../lib/agents/oracle/suiteReading.ts';
import type { TestCase } from '../../../../lib/task/verdict.ts';

type Outcomes = Record<string, TestCase['outcome']>;

function judged(outcomes: Outcomes, suiteRan = true): JudgedRun {
  const cases = Object.entries(outcomes).map(([name, outcome]) => ({ name, outcome }));
  return {
    cases,
    run: {
      phase: 'smoke',
      status: 'pass',
      tool: 'python3',
      argv: [],
      exit: 0,
      ms: 1,
      tests: null,
      cases: [],
      suite_ran: suiteRan,
      diagnostics: [],
      tree_hash: 'tree',
      log: '',
    },
  };
}

function compare(before: Outcomes, now: Outcomes, suiteRan = true) {
  const request = {
    before: [judged(before)],
    now: [judged(now, suiteRan)],
    baseTests: new Set(['test_a.py']),
  };
  return { fixed: fixedCases(request), regressed: regressedCases(request) };
}

describe('tests before and after', () => {
  test('one that failed and passes is fixed, one that passed and fails regressed', () => {
    const found = compare(
      { 'test_a.py::one': 'failed', 'test_a.py::two': 'passed' },
      { 'test_a.py::one': 'passed', 'test_a.py::two': 'errored' },
    );
    expect(found).toEqual({ fixed: ['test_a.py::one'], regressed: ['test_a.py::two'] });
  });

  test('a file that could not be loaded had failed with all its tests', () => {
    const found = compare(
      { 'test_a.py::(load)': 'errored' },
      { 'test_a.py::one': 'passed', 'test_a.py::two': 'passed' },
    );
    expect(found.fixed).toEqual(['test_a.py::one', 'test_a.py::two']);
  });

  test('a test that the run wrote fixes nothing', () => {
    const found = compare({ 'new_test.py::(load)': 'errored' }, { 'new_test.py::one': 'passed' });
    expect(found.fixed).toEqual([]);
  });

  test('a skipped test that passes now is not fixed', () => {
    expect(compare({ 'test_a.py::one': 'skipped' }, { 'test_a.py::one': 'passed' }).fixed).toEqual(
      [],
    );
  });

  test('a test that is gone though its file was restored regressed', () => {
    const before: Outcomes = { 'test_a.py::one': 'passed', 'elsewhere::two': 'passed' };
    expect(compare(before, { 'test_a.py::x': 'passed' }).regressed).toEqual(['test_a.py::one']);
    expect(compare(before, {}, false).regressed).toEqual([]);
  });

  test('a proof keeps the bad cases of a large suite', () => {
    const cases: TestCase[] = Array.from({ length: 600 }, (_, at) => ({
      name: `a::${at}`,
      outcome: at === 599 ? 'failed' : 'passed',
    }));
    const kept = keptCases(cases);
    expect(kept).toHaveLength(500);
    expect(kept[0]).toEqual({ name: 'a::599', outcome: 'failed' });
  });
});

describe('a test run', () => {
  const PASSED: TestCase = { name: 'a::b', outcome: 'passed' };
  const SKIPPED: TestCase = { name: 'a::c', outcome: 'skipped' };
  const FAILED: TestCase = { name: 'a::d', outcome: 'failed' };

  test.each([
    ['passes with a test that passed', [PASSED, SKIPPED], 'ended well', 'pass'],
    ['fails with a test that failed, whatever the exit code', [FAILED], 'ended well', 'fail'],
    ['fails when it broke off', [PASSED], 'broke off', 'fail'],
    ['fails with an exit code that no test explains', [PASSED], 'ended badly', 'fail'],
    ['is suspect when it ended well before its tests had', [PASSED], 'ended early', 'suspect'],
    ['is no pass when every test was skipped', [SKIPPED], 'ended well', 'not_run'],
    ['is no pass without any test', [], 'ended well', 'not_run'],
  ] as const)('%s', (_name, cases, end, status) => {
    const endedWell = end === 'ended well' || end === 'ended early';
    const complete = end === 'ended well' || end === 'ended badly';
    const reading = readSuite({ cases: [...cases], diagnostics: [], endedWell, complete });
    expect(reading.status).toBe(status);
  });
});
