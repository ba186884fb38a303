import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetPath } from '../../../kernel/assets.ts';
import type { TestCase } from '../../../task/verdict.ts';
import { parseDiagnostics } from '../diagnostics.ts';
import { readReport } from '../judgedTree.ts';
import { lacksDependencies } from '../missing.ts';
import { jdkTool } from '../nonNegotiables.ts';
import {
  type CommandResult,
  caseName,
  failedResult,
  type JudgedTree,
  LOAD_CASE,
  noTests,
  type OracleCommand,
  type OraclePlan,
  type OracleSetting,
  outputOf,
  type Reading,
} from '../plan.ts';
import { readSuite } from '../suiteReading.ts';
import { isTestModule } from '../testFiles.ts';

const RUNNER = 'OracleRunMain.java';
const SOURCES = 'sources.txt';
/** Each starts a JVM. */
const MAX_TEST_CLASSES = 50;

/** Without a build tool: all sources in one javac, and every test class with a main by java -ea. */
export function planJavac(setting: OracleSetting): OraclePlan {
  const { tree, reportDir, phase } = setting;
  const sources = tree.files.filter((path) => path.endsWith('.java'));
  if (sources.length === 0) {
    return {
      kind: 'impossible',
      status: 'not_run',
      tool: 'javac',
      reason: 'no Java file is there',
    };
  }
  const tests = testClasses(tree);
  if (phase !== 'compile' && tests.length === 0) return noTests('java');
  const secret = randomBytes(16).toString('hex');
  prepareReport(reportDir, sources);
  if (phase === 'compile') {
    return {
      kind: 'runnable',
      commands: [compileCommand(setting)],
      read: (results) => readCompile(results),
    };
  }
  return {
    kind: 'runnable',
    commands: [compileCommand(setting), ...tests.map((test) => runMain(setting, test, secret))],
    read: (results) => readMains(setting, { tests, secret }, results),
  };
}

function compileCommand({ nonNegotiables, tools }: OracleSetting): OracleCommand {
  return {
    tool: jdkTool('javac', nonNegotiables.jdk, tools),
    // The fast compiler alone: javac ends before the other one pays.
    args: [
      '-J-XX:TieredStopAtLevel=1',
      '-encoding',
      'UTF-8',
      '-d',
      '/report/classes',
      `@/report/${SOURCES}`,
    ],
  };
}

interface TestClass {
  path: string;
  name: string;
}

function testClasses(tree: JudgedTree): TestClass[] {
  return tree.files
    .filter((path) => isTestModule('java', path))
    .flatMap((path) => {
      const text = tree.read(path) ?? '';
      if (!/\bstatic\s+(final\s+)?void\s+main\s*\(\s*(final\s+)?String/.test(text)) return [];
      return [{ path, name: className(path, text) }];
    })
    .slice(0, MAX_TEST_CLASSES);
}

function className(path: string, text: string): string {
  const packageName = /^\s*package\s+([\w.]+)\s*;/m.exec(text)?.[1];
  const simple = path.slice(path.lastIndexOf('/') + 1).replace(/\.java$/, '');
  return packageName === undefined ? simple : `${packageName}.${simple}`;
}

/** An argument file, so that no number of sources is too long for a command line. */
function prepareReport(reportDir: string, sources: readonly string[]): void {
  mkdirSync(join(reportDir, 'classes'), { recursive: true });
  copyFileSync(assetPath(`lib/agents/oracle/runners/${RUNNER}`), join(reportDir, RUNNER));
  const quoted = [...sources, `/report/${RUNNER}`].map(
    (path) => `"${path.replace(/["\\]/g, '\\$&')}"`,
  );
  writeFileSync(join(reportDir, SOURCES), quoted.join('\n'));
}

function runMain(
  { nonNegotiables, tools, reportDir }: OracleSetting,
  { name }: TestClass,
  secret: string,
): OracleCommand {
  writeFileSync(join(reportDir, `${name}.secret`), secret);
  const files = [`/report/${name}.ended`, `/report/${name}.secret`];
  const args = ['-ea', '-cp', '/report/classes', 'OracleRunMain', ...files, name];
  return { tool: jdkTool('java', nonNegotiables.jdk, tools), args, keepGoing: true };
}

function readCompile(results: readonly CommandResult[]): Reading {
  const output = outputOf(results);
  if (failedResult(results) === undefined)
    return { status: 'pass', suiteRan: false, diagnostics: [] };
  return missingPackages(output) ?? failedCompile(output);
}

function failedCompile(output: string): Reading {
  return { status: 'fail', suiteRan: false, diagnostics: parseDiagnostics('javac', output) };
}

/** Test frameworks are not part of a JDK: their absence says nothing about the code. */
function missingPackages(output: string): Reading | undefined {
  const missing = [
    ...output.matchAll(
      /package (org\.(?:junit|testng|assertj|mockito|hamcrest)[\w.]*) does not exist/g,
    ),
  ];
  if (missing.length === 0) return undefined;
  const names = [...new Set(missing.map(([, name]) => name ?? ''))];
  return lacksDependencies(names, 'Add a build file (Maven or Gradle) that declares them.');
}

function readMains(
  { reportDir, tree, baseTests }: OracleSetting,
  { tests, secret }: { tests: readonly TestClass[]; secret: string },
  results: readonly CommandResult[],
): Reading {
  const [compiled, ...mains] = results;
  if (compiled === undefined || failedResult([compiled]) !== undefined) {
    const reading = readCompile(compiled === undefined ? [] : [compiled]);
    const cases: TestCase[] = tests
      .filter(({ path }) => baseTests.has(path) && tree.files.includes(path))
      .map(({ path }) => ({ name: caseName(path, LOAD_CASE), outcome: 'errored' }));
    return reading.status === 'fail' ? { ...reading, cases } : reading;
  }
  const outcomes = tests.map((test, position) => {
    const ended = readReport(reportDir, `${test.name}.ended`);
    return outcomeOf(test, mains[position], endedByItself(ended, secret));
  });
  return readSuite({
    cases: outcomes.map(({ test, outcome }) => ({ name: caseName(test.path, 'main'), outcome })),
    diagnostics: outcomes.flatMap(({ test, outcome, result }) =>
      outcome === 'passed' ? [] : [failureOf(test, result)],
    ),
    endedWell: failedResult(mains) === undefined,
    complete: mains.length === tests.length,
  });
}

/** Its main returned, or it called System.exit: the test itself may do that. */
function endedByItself(ended: string | undefined, secret: string): boolean {
  return ended === `${secret} returned\n` || ended === `${secret} exited\n`;
}

function outcomeOf(test: TestClass, result: CommandResult | undefined, endedByItself: boolean) {
  const well = result !== undefined && failedResult([result]) === undefined;
  if (!well) return { test, outcome: 'failed' as const, result };
  return { test, outcome: endedByItself ? ('passed' as const) : ('errored' as const), result };
}

function failureOf(test: TestClass, result: CommandResult | undefined) {
  const output = result === undefined ? '' : outputOf([result]);
  const simple = test.path.slice(test.path.lastIndexOf('/') + 1);
  const line = new RegExp(`\\(${simple}:(\\d+)\\)`).exec(output)?.[1];
  const thrown = /^Exception in thread "main" (.+)$/m.exec(output)?.[1];
  return {
    file: test.path,
    ...(line === undefined ? {} : { line: Number(line) }),
    code: 'main',
    message: thrown ?? (output.trim().slice(0, 500) || 'the JVM ended before main had returned'),
  };
}
