import type { Diagnostic, TestCase } from '../../task/verdict.ts';
import { countCases } from './cases.ts';
import { uniqueDiagnostics } from './diagnostics.ts';
import type { Reading } from './plan.ts';

interface SuiteOutcome {
  cases: TestCase[];
  diagnostics: Diagnostic[];
  /** True when every command of the run ended with exit code 0. */
  endedWell: boolean;
  /** False when the report is missing or was cut: not every case is in `cases`. */
  complete: boolean;
}

/** What a test run says: never a pass without a test that ran, nor where report and exit code disagree. */
export function readSuite({ cases, diagnostics, endedWell, complete }: SuiteOutcome): Reading {
  const { passed, failed, errors } = countCases(cases);
  const told = { cases, diagnostics: uniqueDiagnostics(diagnostics) };
  const suiteRan = passed + failed + errors > 0;
  if (failed + errors > 0) return { ...told, status: 'fail', suiteRan };
  if (!complete) {
    return endedWell
      ? { ...told, status: 'suspect', suiteRan, reason: 'it ended well before its tests had' }
      : { ...told, status: 'fail', suiteRan, reason: 'it ended before its tests had' };
  }
  if (!endedWell) {
    return { ...told, status: 'fail', suiteRan, reason: 'no test failed, yet the run did' };
  }
  if (passed > 0) return { ...told, status: 'pass', suiteRan };
  return {
    ...told,
    status: 'not_run',
    suiteRan: false,
    cause: 'no_tests_executed',
    reason: cases.length === 0 ? 'no test was executed' : 'every test was skipped',
  };
}
