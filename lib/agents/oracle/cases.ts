import type { OracleRun, TestCase, TestCounts } from '../../task/verdict.ts';
import { caseName, LOAD_CASE, ownerOf } from './plan.ts';

export function countCases(cases: readonly TestCase[]): TestCounts {
  const count = (outcome: TestCase['outcome']) =>
    cases.filter((testCase) => testCase.outcome === outcome).length;
  return {
    total: cases.length,
    passed: count('passed'),
    failed: count('failed'),
    errors: count('errored'),
    skipped: count('skipped'),
  };
}

/** A run with all its cases: a proof keeps at most 500 of them, the comparison needs every one. */
export interface JudgedRun {
  run: OracleRun;
  cases: TestCase[];
}

const MAX_CASES = 500;

/** The cases that a proof keeps: the bad ones first. */
export function keptCases(cases: readonly TestCase[]): TestCase[] {
  if (cases.length <= MAX_CASES) return [...cases];
  const bad = cases.filter(({ outcome }) => isBad(outcome));
  return [...bad, ...cases.filter(({ outcome }) => !isBad(outcome))].slice(0, MAX_CASES);
}

interface Comparison {
  before: readonly JudgedRun[];
  now: readonly JudgedRun[];
  /** Test files of the base tree; the owners of the cases that count as the user's. */
  baseTests: ReadonlySet<string>;
}

/**
 * Tests of the base tree that failed there and pass now. A test file that could not even be loaded before counts as
 * failed with all its tests.
 */
export function fixedCases({ before, now, baseTests }: Comparison): string[] {
  const earlier = outcomes(before);
  return [...outcomes(now)]
    .filter(([name, outcome]) => outcome === 'passed' && baseTests.has(ownerOf(name)))
    .filter(([name]) => isBad(earlier.get(name)) || wasUnloadable(name, earlier))
    .map(([name]) => name);
}

/** Tests that passed on the base tree and do not now; one that is gone though its file was restored counts too. */
export function regressedCases({ before, now, baseTests }: Comparison): string[] {
  const current = outcomes(now);
  const suiteRan = now.some(({ run }) => run.suite_ran && run.status !== 'timeout');
  return [...outcomes(before)]
    .filter(([, outcome]) => outcome === 'passed')
    .filter(([name]) => {
      const outcome = current.get(name);
      return outcome === undefined ? suiteRan && baseTests.has(ownerOf(name)) : isBad(outcome);
    })
    .map(([name]) => name);
}

function wasUnloadable(name: string, earlier: ReadonlyMap<string, TestCase['outcome']>): boolean {
  return !earlier.has(name) && isBad(earlier.get(caseName(ownerOf(name), LOAD_CASE)));
}

function isBad(outcome: TestCase['outcome'] | undefined): boolean {
  return outcome === 'failed' || outcome === 'errored';
}

/** By name; a test that ran twice keeps its worse outcome. */
function outcomes(runs: readonly JudgedRun[]): Map<string, TestCase['outcome']> {
  const found = new Map<string, TestCase['outcome']>();
  for (const { name, outcome } of runs.flatMap(({ cases }) => cases)) {
    if (!isBad(found.get(name))) found.set(name, outcome);
  }
  return found;
}
