import { posix } from 'node:path';
import * as z from 'zod';
import type { TestCase } from '../../../task/verdict.ts';
import { parseDiagnostics } from '../diagnostics.ts';
import { lacksDependencies, warmCache } from '../missing.ts';
import {
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
import { canaryName, plantInGo } from './canary.ts';

export function planGo(setting: OracleSetting): OraclePlan {
  const { phase, project, tree } = setting;
  if (project.evidence === undefined) {
    return {
      kind: 'impossible',
      status: 'not_run',
      tool: 'go',
      cause: 'toolchain_missing',
      reason: 'there is no go.mod',
      remedy: 'Run go mod init in the repository.',
    };
  }
  const where = project.root === '.' ? [] : ['-C', project.root];
  if (phase === 'compile') {
    return {
      kind: 'runnable',
      commands: [{ tool: 'go', args: [...where, 'build', './...'] }],
      read: readCompile,
    };
  }
  if (!tree.files.some((path) => isTestModule('go', path))) return noTests('go');
  const canary = canaryName();
  plantInGo(setting, canary);
  const quick = phase === 'smoke' ? ['-short'] : [];
  return {
    kind: 'runnable',
    commands: [{ tool: 'go', args: [...where, 'test', '-json', ...quick, './...'] }],
    read: (results) => readTests(setting, results, canary),
  };
}

function readCompile(results: readonly CommandResult[]): Reading {
  const output = outputOf(results);
  if (failedResult(results) === undefined) return { status: 'pass', suiteRan: false };
  return (
    missingModules(output) ?? {
      status: 'fail',
      suiteRan: false,
      diagnostics: parseDiagnostics('go', output),
    }
  );
}

function missingModules(output: string): Reading | undefined {
  const missing = [
    ...output.matchAll(
      /^(?:go: )?.*?([\w.-]+\.[\w.-]+\/[\w./@+-]+)[^\n]*(?:module lookup disabled|no required module provides|dial tcp)/gm,
    ),
  ];
  if (missing.length === 0) return undefined;
  const names = [...new Set(missing.map(([, name]) => name ?? ''))];
  return lacksDependencies(names, warmCache('go'));
}

const TestEvent = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  FailedBuild: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
});
type TestEvent = z.infer<typeof TestEvent>;

const OUTCOMES: Record<string, TestCase['outcome']> = {
  pass: 'passed',
  fail: 'failed',
  skip: 'skipped',
};

function readTests(
  setting: OracleSetting,
  results: readonly CommandResult[],
  canary: string,
): Reading {
  const output = outputOf(results);
  const events = output.split('\n').flatMap(parseEvent);
  const lacking = missingModules(output);
  if (lacking !== undefined && failedResult(results) !== undefined) return lacking;
  const places = testPlaces(setting);
  const cases = events
    .filter(({ Test }) => Test !== `Test_${canary}`)
    .flatMap((event) => toCase(event, places));
  const printed = events.map((event) => event.Output ?? '').join('');
  return readSuite({
    cases: [...cases, ...unbuiltFiles(setting, events)],
    diagnostics: [...parseDiagnostics('go', printed), ...failures(printed)],
    endedWell: failedResult(results) === undefined,
    complete: !results.some(({ ran }) => ran.truncated) && sangEverywhere(setting, events, canary),
  });
}

/** Each package that says that it passed must have run the canary. */
function sangEverywhere(
  setting: OracleSetting,
  events: readonly TestEvent[],
  canary: string,
): boolean {
  const ofTests = new Set(goTests(setting).map(({ importPath }) => importPath));
  const passed = events.filter(({ Action, Test }) => Action === 'pass' && Test === undefined);
  const sang = new Set(
    events
      .filter(({ Action, Test }) => Action === 'pass' && Test === `Test_${canary}`)
      .map(({ Package }) => Package),
  );
  return passed.every(({ Package = '' }) => !ofTests.has(Package) || sang.has(Package));
}

function parseEvent(line: string): TestEvent[] {
  if (!line.startsWith('{')) return [];
  try {
    const parsed = TestEvent.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

interface TestPlace {
  file: string;
  importPath: string;
  test: string;
}

/** The file of each test function: Go forbids two of the same name in a package. */
function testPlaces(setting: OracleSetting): TestPlace[] {
  return goTests(setting).flatMap(({ file, importPath }) =>
    [...(setting.tree.read(file) ?? '').matchAll(/^func ((?:Test|Example|Fuzz)\w*)\(/gm)].map(
      ([, test = '']) => ({ file, importPath, test }),
    ),
  );
}

function goTests({ tree, project }: OracleSetting): { file: string; importPath: string }[] {
  const manifest = tree.read(posix.join(project.root, 'go.mod')) ?? '';
  const module = /^module\s+"?([^\s"]+)/m.exec(manifest)?.[1] ?? '';
  return tree.files
    .filter((path) => isTestModule('go', path))
    .map((file) => {
      const folder = posix.relative(project.root, posix.dirname(file));
      return { file, importPath: posix.join(module, folder) };
    });
}

function toCase(event: TestEvent, places: readonly TestPlace[]): TestCase[] {
  const outcome = Object.hasOwn(OUTCOMES, event.Action) ? OUTCOMES[event.Action] : undefined;
  if (outcome === undefined || event.Test === undefined) return [];
  const top = event.Test.split('/')[0];
  const place = places.find(({ importPath, test }) => test === top && importPath === event.Package);
  return [{ name: caseName(place?.file ?? event.Package ?? 'go test', event.Test), outcome }];
}

/** Test files of packages that did not build. */
function unbuiltFiles(setting: OracleSetting, events: readonly TestEvent[]): TestCase[] {
  const broken = new Set(
    events
      .filter(({ Action, FailedBuild }) => Action === 'fail' && FailedBuild !== undefined)
      .map(({ Package }) => Package),
  );
  return goTests(setting)
    .filter(({ file, importPath }) => broken.has(importPath) && setting.baseTests.has(file))
    .map(({ file }) => ({ name: caseName(file, LOAD_CASE), outcome: 'errored' }));
}

function failures(printed: string) {
  return [...printed.matchAll(/^\s+([\w-]+\.go):(\d+): (.+)$/gm)].map(
    ([, file, line, message]) => ({
      file: file ?? '',
      line: Number(line),
      message: message ?? '',
    }),
  );
}
