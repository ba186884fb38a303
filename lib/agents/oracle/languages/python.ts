import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { assetPath } from '../../../kernel/assets.ts';
import { TestCase } from '../../../task/verdict.ts';
import { parseDiagnostics } from '../diagnostics.ts';
import { readReport } from '../judgedTree.ts';
import { declaredAmong, lacksDependencies, warmCache } from '../missing.ts';
import {
  type CommandResult,
  caseName,
  failedResult,
  noTests,
  type OraclePlan,
  type OracleSetting,
  outputOf,
  type Reading,
} from '../plan.ts';
import { readSuite } from '../suiteReading.ts';
import { isTestModule } from '../testFiles.ts';
import { usesPytest } from './pytest.ts';
import { installWheels, lackingWheels } from './wheels.ts';

const REPORT = 'cases.jsonl';
const RUNNER = 'judge.py';
const LIST = 'tests.txt';

export function planPython(setting: OracleSetting): OraclePlan {
  if (setting.phase === 'compile') return planCompile(setting);
  const tests = setting.tree.files.filter((path) => isTestModule('python', path));
  if (tests.length === 0) return noTests('python3');
  return planTests(setting, tests, usesPytest(setting, tests) ? 'pytest' : 'unittest');
}

function planCompile({ tree }: OracleSetting): OraclePlan {
  if (!tree.files.some((path) => path.endsWith('.py'))) {
    return {
      kind: 'impossible',
      status: 'not_run',
      tool: 'python3',
      reason: 'no Python file is there',
    };
  }
  return {
    kind: 'runnable',
    commands: [{ tool: 'python3', args: ['-m', 'compileall', '-q', '.'] }],
    read: (results) => ({
      status: failedResult(results) === undefined ? 'pass' : 'fail',
      suiteRan: false,
      diagnostics: parseDiagnostics('python', outputOf(results)),
    }),
  };
}

function planTests(
  setting: OracleSetting,
  tests: readonly string[],
  kind: 'unittest' | 'pytest',
): OraclePlan {
  const { reportDir } = setting;
  for (const name of [RUNNER, 'channel.py', `${kind}Child.py`]) {
    copyFileSync(assetPath(`lib/agents/oracle/runners/${name}`), join(reportDir, name));
  }
  // A list: a large suite would not fit into a command line.
  writeFileSync(join(reportDir, LIST), tests.join('\n'));
  const wheels = installWheels(setting, kind === 'pytest' ? ['pytest'] : []);
  const args = ['-I', `/report/${RUNNER}`, kind, `/report/${REPORT}`, `/report/${LIST}`];
  return {
    kind: 'runnable',
    commands: [...wheels.commands, { tool: 'python3', args, env: wheels.env }],
    read: (results) => readTests(setting, results),
  };
}

const Line = z.union([
  z.object({ done: z.literal(true) }),
  z.object({
    owner: z.string(),
    test: z.string(),
    outcome: TestCase.shape.outcome,
    file: z.string().nullish(),
    line: z.int().nullish(),
    message: z.string().nullish(),
    missing: z.string().nullish(),
  }),
]);

function readTests(setting: OracleSetting, results: readonly CommandResult[]): Reading {
  if (/No module named '?pytest'?\s*$/m.test(outputOf(results))) {
    return lacksDependencies(['pytest'], warmCache('python'));
  }
  const lines = parseLines(readReport(setting.reportDir, REPORT) ?? '');
  const cases = lines.flatMap((line) => ('done' in line ? [] : [line]));
  const absent = cases.flatMap(({ missing }) => missing?.split('.')[0] ?? []);
  const lacking = lackingPackages(setting, results, absent);
  if (lacking.length > 0) return lacksDependencies(lacking, warmCache('python'));
  return readSuite({
    cases: cases.map(({ owner, test, outcome }) => ({ name: caseName(owner, test), outcome })),
    diagnostics: cases.flatMap(({ owner, test, file, line, message }) =>
      message == null
        ? []
        : [{ file: file ?? owner, ...(line == null ? {} : { line }), code: test, message }],
    ),
    endedWell: failedResult(results) === undefined,
    complete: lines.some((line) => 'done' in line),
  });
}

/** Of the modules that could not be found, what the project says that it needs: not every one is called like its module. */
function lackingPackages(
  { tree }: OracleSetting,
  results: readonly CommandResult[],
  absent: readonly string[],
): string[] {
  const isOwn = (name: string) =>
    tree.files.some((path) => path.endsWith(`${name}.py`) || `/${path}`.includes(`/${name}/`));
  const foreign = absent.filter((name) => !isOwn(name));
  if (foreign.length === 0) return [];
  const lacking = lackingWheels(results);
  return lacking.length > 0 ? lacking : declaredAmong(foreign, tree);
}

/** The complete lines; a run that was killed leaves half of one. */
function parseLines(text: string): z.infer<typeof Line>[] {
  return text.split('\n').flatMap((line) => {
    const parsed = Line.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
