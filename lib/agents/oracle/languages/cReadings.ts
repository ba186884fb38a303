import type { TestCase } from '../../../task/verdict.ts';
import { parseDiagnostics } from '../diagnostics.ts';
import { lacksDependencies } from '../missing.ts';
import {
  type CommandResult,
  caseName,
  failedResult,
  LOAD_CASE,
  type OracleSetting,
  outputOf,
  type Reading,
} from '../plan.ts';
import { readSuite } from '../suiteReading.ts';
import { type GuardedTest, readMains } from './mainGuard.ts';

export function readCompile(results: readonly CommandResult[]): Reading {
  if (failedResult(results) === undefined) return { status: 'pass', suiteRan: false };
  const output = outputOf(results);
  return (
    missingPackages(output) ?? {
      status: 'fail',
      suiteRan: false,
      diagnostics: parseDiagnostics('gcc', output),
    }
  );
}

function missingPackages(output: string): Reading | undefined {
  const missing = [
    ...output.matchAll(/Could NOT find (\w+)|configuration file provided by "(\w+)"/g),
  ].map(([, module, configured]) => module ?? configured ?? '');
  if (missing.length === 0 || !output.includes('CMake Error')) return undefined;
  const how = 'Install its development package on the machine of the worker.';
  return lacksDependencies([...new Set(missing)], how);
}

interface Programs {
  tests: readonly GuardedTest[];
  /** Who runs them, where they do not tell themselves. */
  owner: string;
  /** What a report of the runner says. */
  reported: readonly TestCase[];
}

/**
 * What a run of test programs says. A program that told how its main ended is a test of its own; of the others only
 * the exit code is known, which proves no test of the base tree.
 */
export function readPrograms(
  setting: OracleSetting,
  { tests, owner, reported }: Programs,
  results: readonly CommandResult[],
): Reading {
  const output = outputOf(results);
  const endedWell = failedResult(results) === undefined;
  const lacking = endedWell ? undefined : missingPackages(output);
  if (lacking !== undefined) return lacking;
  const { ran, unseen } = readMains(setting, tests);
  const exit: TestCase = {
    name: caseName(owner, '(exit code)'),
    outcome: endedWell ? 'passed' : 'failed',
  };
  const others = tests.length === 0 && reported.length === 0 ? [exit] : reported;
  const unbuilt = endedWell ? [] : unseen.filter(({ path }) => setting.baseTests.has(path));
  return readSuite({
    cases: [
      ...ran,
      ...others,
      ...unbuilt.map(
        ({ path }): TestCase => ({ name: caseName(path, LOAD_CASE), outcome: 'errored' }),
      ),
    ],
    diagnostics: [...parseDiagnostics('gcc', output), ...parseDiagnostics('assert', output)],
    endedWell,
    complete: !results.some(({ ran: { truncated } }) => truncated),
  });
}
