import { parseDiagnostics, uniqueDiagnostics } from '../diagnostics.ts';
import { readReport } from '../judgedTree.ts';
import { type JUnitCase, readJUnit } from '../junit.ts';
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
import { isTestModule } from '../testFiles.ts';
import { listReports } from './reportFiles.ts';

interface BuildTool {
  /** Report files below the copy, relative. */
  reports: RegExp;
  /** Coordinates in messages about what the offline cache lacks. */
  missing: RegExp;
  remedy: string;
}

/** What a Maven or Gradle run says: from its reports, since their output leaves out the tests that passed. */
export function readBuild(
  setting: OracleSetting,
  tool: BuildTool,
  results: readonly CommandResult[],
): Reading {
  const output = outputOf(results);
  const endedWell = failedResult(results) === undefined;
  const missing = [...output.matchAll(tool.missing)].map(([, coordinates]) => coordinates ?? '');
  if (!endedWell && missing.length > 0) {
    return lacksDependencies([...new Set(missing)].slice(0, 10), tool.remedy);
  }
  if (setting.phase === 'compile') {
    const status = endedWell ? 'pass' : 'fail';
    return { status, suiteRan: false, diagnostics: parseDiagnostics('javac', output) };
  }
  return readReports(setting, tool, { output, endedWell });
}

function readReports(
  setting: OracleSetting,
  tool: BuildTool,
  { output, endedWell }: { output: string; endedWell: boolean },
): Reading {
  const { tree } = setting;
  const reports = listReports(tree.root, tool.reports).map((path) =>
    readJUnit(readReport(tree.root, path) ?? ''),
  );
  const cases = reports.flatMap((report) => report.cases);
  if (cases.length === 0 && !endedWell) return failedBuild(setting, output);
  const bad = cases.filter(({ outcome }) => outcome === 'failed' || outcome === 'errored');
  return readSuite({
    cases: cases.map((found) => ({
      name: caseName(sourceOf(found, tree.files), found.name),
      outcome: found.outcome,
    })),
    diagnostics: bad.map((found) => toDiagnostic(found, tree.files)),
    endedWell,
    complete: reports.every(({ truncated }) => !truncated),
  });
}

function failedBuild({ tree, baseTests }: OracleSetting, output: string): Reading {
  return {
    status: 'fail',
    suiteRan: false,
    diagnostics: uniqueDiagnostics(parseDiagnostics('javac', output)),
    cases: tree.files
      .filter((path) => isTestModule('java', path) && baseTests.has(path))
      .map((path) => ({ name: caseName(path, LOAD_CASE), outcome: 'errored' })),
  };
}

/** The source file of a test class; the class itself where there is none. */
function sourceOf({ className }: JUnitCase, files: readonly string[]): string {
  const path = `${className.replace(/\$.*$/, '').replaceAll('.', '/')}.java`;
  return files.find((file) => file === path || file.endsWith(`/${path}`)) ?? className;
}

function toDiagnostic(found: JUnitCase, files: readonly string[]) {
  const file = sourceOf(found, files);
  const simple = file.slice(file.lastIndexOf('/') + 1);
  const line = new RegExp(`\\(${simple}:(\\d+)\\)`).exec(found.message)?.[1];
  return {
    file,
    ...(line === undefined ? {} : { line: Number(line) }),
    code: found.name,
    message: found.message.replace(/\n\s+at [\s\S]*$/, ''),
  };
}
