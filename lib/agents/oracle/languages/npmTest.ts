import { join } from 'node:path';
import * as z from 'zod';
import type { TestCase } from '../../../task/verdict.ts';
import { insideWorkspace } from '../diagnostics.ts';
import { readReport } from '../judgedTree.ts';
import { readJUnit } from '../junit.ts';
import {
  type CommandResult,
  caseName,
  failedResult,
  type OraclePlan,
  type OracleSetting,
  outputOf,
  type Reading,
} from '../plan.ts';
import { readSuite } from '../suiteReading.ts';

const REPORT = 'junit.xml';

const Manifest = z.object({
  scripts: z.object({ test: z.string().optional() }).optional(),
  dependencies: z.record(z.string(), z.unknown()).optional(),
  devDependencies: z.record(z.string(), z.unknown()).optional(),
});

function manifestOf({ tree, project }: OracleSetting): z.infer<typeof Manifest> {
  try {
    const text = tree.read(join(project.root, 'package.json'));
    return Manifest.parse(JSON.parse(text ?? '{}'));
  } catch (error) {
    // A package.json that is broken, perhaps by the answer, declares nothing; npm itself will complain.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
    throw error;
  }
}

/** The project's own test script. */
export function testScript(setting: OracleSetting): string | undefined {
  return manifestOf(setting).scripts?.test;
}

/** The project's own script, offline; vitest is asked for a report in a form that can be read. */
export function planNpmTest(setting: OracleSetting, script: string): OraclePlan {
  const { project, tree } = setting;
  const { dependencies = {}, devDependencies = {} } = manifestOf(setting);
  const declared = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
  const modules = join(project.root, 'node_modules/');
  if (declared.length > 0 && !tree.files.some((path) => path.startsWith(modules))) {
    return {
      kind: 'impossible',
      status: 'infra',
      tool: 'npm',
      reason: `node_modules is not there; the project needs ${declared.slice(0, 10).join(', ')}`,
      cause: 'dependencies_missing',
      remedy: 'Run npm ci in the repository.',
    };
  }
  const reports = /\bvitest\b/.test(script)
    ? ['--', '--run', '--reporter=junit', `--outputFile=/report/${REPORT}`]
    : [];
  const where = project.root === '.' ? [] : ['--prefix', project.root];
  return {
    kind: 'runnable',
    commands: [{ tool: 'npm', args: ['test', '--silent', '--offline', ...where, ...reports] }],
    read: (results) => readNpmTest(setting, results),
  };
}

function readNpmTest(setting: OracleSetting, results: readonly CommandResult[]): Reading {
  const endedWell = failedResult(results) === undefined;
  const xml = readReport(setting.reportDir, REPORT);
  const cases = xml === undefined ? casesInTap(outputOf(results)) : casesInReport(xml);
  return readSuite({ cases, diagnostics: [], endedWell, complete: true });
}

function casesInReport(xml: string): TestCase[] {
  return readJUnit(xml).cases.map(({ file, className, name, outcome }) => ({
    name: caseName(insideWorkspace(file ?? className), name),
    outcome,
  }));
}

/** TAP is what mocha, tape, tap and ava can print; other runners leave nothing that proves a test. */
function casesInTap(output: string): TestCase[] {
  return [...output.matchAll(/^(not )?ok \d+ -? ?(.*)$/gm)].map(([, not, name = '']) => ({
    name: caseName('npm test', name),
    outcome: not === undefined ? 'passed' : 'failed',
  }));
}
