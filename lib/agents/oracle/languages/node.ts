import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetPath } from '../../../kernel/assets.ts';
import type { TestCase } from '../../../task/verdict.ts';
import { insideWorkspace, parseDiagnostics } from '../diagnostics.ts';
import { readReport } from '../judgedTree.ts';
import { type JUnitCase, readJUnit } from '../junit.ts';
import { declaredAmong, lacksDependencies } from '../missing.ts';
import {
  asArguments,
  type CommandResult,
  caseName,
  failedResult,
  LOAD_CASE,
  noTests,
  type OraclePlan,
  type OracleSetting,
  outputOf,
  type Reading,
} from '../plan.ts';
import { readSuite } from '../suiteReading.ts';
import { isTestModule } from '../testFiles.ts';
import { testScript } from './manifest.ts';
import { planNodeCompile } from './nodeCompile.ts';
import { afterInstallation, installPackages, readInstallation } from './npmPackages.ts';
import { planNpmTest } from './npmTest.ts';

const REPORT = 'junit.xml';
const GUARD = 'testGuard.mjs';

export function planNode(setting: OracleSetting): OraclePlan {
  if (setting.phase === 'compile') return planNodeCompile(setting);
  const script = testScript(setting);
  if (script !== undefined && !isNodeTest(script)) return planNpmTest(setting, script);
  const tests = setting.tree.files.filter((path) => isTestModule('typescript', path));
  return tests.length === 0 ? noTests('node') : planNodeTest(setting, tests);
}

/** Also what `npm init` writes: it only says that there is no test. */
function isNodeTest(script: string): boolean {
  return /\bnode\b.*--test\b/.test(script) || /no test specified/.test(script);
}

function planNodeTest(setting: OracleSetting, tests: readonly string[]): OraclePlan {
  copyFileSync(assetPath(`lib/agents/oracle/runners/${GUARD}`), join(setting.reportDir, GUARD));
  // The second reporter tells why a file could not be loaded; the first leaves that out.
  const args = [
    ...['--import', `/report/${GUARD}`],
    '--test',
    ...['--test-reporter=junit', `--test-reporter-destination=/report/${REPORT}`],
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...asArguments(tests),
  ];
  return {
    kind: 'runnable',
    commands: [...installPackages(setting), { tool: 'node', args }],
    read: (results) => readNodeTest(setting, results),
  };
}

function readNodeTest(setting: OracleSetting, results: readonly CommandResult[]): Reading {
  const ran = afterInstallation(results);
  const output = outputOf(ran);
  const missing = [
    ...output.matchAll(/Cannot find (?:package|module) '((?:@[^'/]+\/)?[^'./][^'/]*)/g),
  ];
  const declared = declaredAmong(
    missing.map(([, name]) => name ?? ''),
    setting.tree,
  );
  if (declared.length > 0) {
    return (
      readInstallation(setting, results) ??
      lacksDependencies(declared, 'Run npm install in the repository.')
    );
  }
  const xml = readReport(setting.reportDir, REPORT);
  const report = readJUnit(xml ?? '');
  const bad = report.cases.filter(({ outcome }) => outcome === 'failed' || outcome === 'errored');
  return readSuite({
    cases: report.cases.flatMap(toCase),
    diagnostics: [...bad.map(toDiagnostic), ...parseDiagnostics('node', output)],
    endedWell: failedResult(ran) === undefined,
    complete: xml !== undefined && !report.truncated && !report.cases.some(leftEarly(setting)),
  });
}

/**
 * A file that could not be loaded is reported as a failed test named after the file. One that ended before it had
 * declared a test is reported as a passed one: nothing was tested, so it is no case.
 */
function toCase(found: JUnitCase): TestCase[] {
  const file = insideWorkspace(found.file ?? '');
  if (insideWorkspace(found.name) === file) {
    return found.outcome === 'passed'
      ? []
      : [{ name: caseName(file, LOAD_CASE), outcome: found.outcome }];
  }
  const test = [...found.suites, found.name].join(' > ');
  return [{ name: caseName(file, test), outcome: found.outcome }];
}

/** A file that holds tests, and passed without having come to one. */
function leftEarly({ tree }: OracleSetting): (found: JUnitCase) => boolean {
  return ({ file = '', name, outcome }) => {
    const path = insideWorkspace(file);
    if (outcome !== 'passed' || insideWorkspace(name) !== path) return false;
    return /\b(test|it|describe|suite)\b/.test(tree.read(path) ?? '');
  };
}

function toDiagnostic(found: JUnitCase) {
  const file = insideWorkspace(found.file ?? '');
  const line = new RegExp(`${escaped(file)}:(\\d+):\\d+`).exec(found.message)?.[1];
  const message = found.message.replace(/\n\s+at [\s\S]*$/, '');
  return { file, ...(line === undefined ? {} : { line: Number(line) }), code: found.name, message };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
