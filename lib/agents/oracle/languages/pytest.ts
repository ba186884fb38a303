import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetPath } from '../../../kernel/assets.ts';
import type { TestCase } from '../../../task/verdict.ts';
import { readReport } from '../judgedTree.ts';
import { type JUnitCase, readJUnit } from '../junit.ts';
import { declaredAmong, lacksDependencies } from '../missing.ts';
import {
  asArguments,
  type CommandResult,
  caseName,
  failedResult,
  LOAD_CASE,
  type OraclePlan,
  type OracleSetting,
  outputOf,
  type Reading,
} from '../plan.ts';
import { readSuite } from '../suiteReading.ts';

const REPORT = 'junit.xml';
const RUNNER = 'runPytest.py';

/** What the project itself uses: its configuration or its test files tell; a demand of the user wins. */
export function usesPytest(
  { tree, nonNegotiables }: OracleSetting,
  tests: readonly string[],
): boolean {
  if (nonNegotiables.build_tool === 'pytest') return true;
  if (nonNegotiables.build_tool === 'unittest') return false;
  const configured = ['pyproject.toml', 'setup.cfg', 'tox.ini'].some((path) =>
    /^\[(tool\.|tool:)?pytest/m.test(tree.read(path) ?? ''),
  );
  if (configured || tree.files.some((path) => /(^|\/)(conftest\.py|\.?pytest\.ini)$/.test(path))) {
    return true;
  }
  return tests.some((path) => {
    const text = tree.read(path) ?? '';
    return (
      /^\s*(import|from) pytest\b/m.test(text) ||
      (/^(async )?def test_/m.test(text) && !/\bunittest\b/.test(text))
    );
  });
}

export function planPytest(setting: OracleSetting, tests: readonly string[]): OraclePlan {
  copyFileSync(assetPath(`lib/agents/oracle/runners/${RUNNER}`), join(setting.reportDir, RUNNER));
  // xunit1 is the family that names the file of each case.
  const args = [
    ...['-I', `/report/${RUNNER}`, '-q', '--tb=short', '-p', 'no:cacheprovider'],
    '--continue-on-collection-errors',
    ...['-o', 'junit_family=xunit1', `--junitxml=/report/${REPORT}`],
    ...asArguments(tests),
  ];
  return {
    kind: 'runnable',
    commands: [{ tool: 'python3', args }],
    read: (results) => readPytest(setting, results),
  };
}

function readPytest(setting: OracleSetting, results: readonly CommandResult[]): Reading {
  const output = outputOf(results);
  if (/No module named '?pytest'?\s*$/m.test(output)) {
    return lacksDependencies(['pytest'], 'Install pytest for the python3 of this machine.');
  }
  const xml = readReport(setting.reportDir, REPORT);
  const report = readJUnit(xml ?? '');
  const missing = report.cases.flatMap((testCase) =>
    [...testCase.message.matchAll(/ModuleNotFoundError: No module named '([^'.]+)/g)].map(
      ([, name]) => name ?? '',
    ),
  );
  const declared = declaredAmong(missing, setting.tree);
  if (declared.length > 0) {
    return lacksDependencies(
      declared,
      'Install what the project needs for the python3 of this machine.',
    );
  }
  return readSuite({
    cases: report.cases.map((found) => toCase(found, setting.tree.files)),
    diagnostics: report.cases.filter(isBad).map((found) => toDiagnostic(found, setting.tree.files)),
    endedWell: failedResult(results) === undefined || isNothingCollected(results),
    complete: xml !== undefined && !report.truncated,
  });
}

/** pytest exits with 5 when it found no test. */
function isNothingCollected(results: readonly CommandResult[]): boolean {
  return results.every(({ ran }) => ran.exit === 5);
}

function isBad({ outcome }: JUnitCase): boolean {
  return outcome === 'failed' || outcome === 'errored';
}

function toCase(found: JUnitCase, files: readonly string[]): TestCase {
  const owner = ownerOf(found, files);
  const test = isLoad(found, files) ? LOAD_CASE : testName(found, owner);
  return { name: caseName(owner, test), outcome: found.outcome };
}

/** A file that cannot be collected is reported as a case named after its module, without a class. */
function isLoad({ className, name }: JUnitCase, files: readonly string[]): boolean {
  return (className === '' || className === 'pytest') && files.includes(moduleFile(name));
}

function ownerOf({ file, className, name }: JUnitCase, files: readonly string[]): string {
  if (file !== undefined) return file;
  for (const module of [name, className, className.replace(/\.[^.]+$/, '')]) {
    if (files.includes(moduleFile(module))) return moduleFile(module);
  }
  return className;
}

function moduleFile(module: string): string {
  return `${module.replaceAll('.', '/')}.py`;
}

/** The class within the file, where there is one, then the function with its parameters. */
function testName({ className, name }: JUnitCase, owner: string): string {
  const module = owner.replace(/\.py$/, '').replaceAll('/', '.');
  const inner = className.startsWith(`${module}.`) ? className.slice(module.length + 1) : '';
  return inner === '' ? name : `${inner}.${name}`;
}

function toDiagnostic(found: JUnitCase, files: readonly string[]) {
  const file = ownerOf(found, files);
  const place = [...found.message.matchAll(/^([\w./-]+\.py):(\d+):/gm)].at(-1);
  return {
    file: place?.[1] ?? file,
    ...(place?.[2] === undefined ? {} : { line: Number(place[2]) }),
    code: found.name,
    message: found.message.trim(),
  };
}
