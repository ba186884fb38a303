import type { TestCase } from '../../../task/verdict.ts';
import { insideWorkspace } from '../diagnostics.ts';
import { readReport } from '../judgedTree.ts';
import { readJUnit } from '../junit.ts';
import {
  type CommandResult,
  caseName,
  failedResult,
  type OracleCommand,
  type OraclePlan,
  type OracleSetting,
  outputOf,
  type Reading,
} from '../plan.ts';
import { readSuite } from '../suiteReading.ts';
import { declaredPackages } from './manifest.ts';
import { installPackages, lacksModules, readInstallation } from './npmPackages.ts';

const REPORT = 'junit.xml';

/** The project's own script, offline; vitest is asked for a report in a form that can be read. */
export function planNpmTest(setting: OracleSetting, script: string): OraclePlan {
  const { project } = setting;
  const install = installPackages(setting);
  if (install.length === 0 && lacksModules(setting)) return withoutLockfile(setting);
  const reports = /\bvitest\b/.test(script)
    ? ['--', '--run', '--reporter=junit', `--outputFile=/report/${REPORT}`]
    : [];
  const where = project.root === '.' ? [] : ['--prefix', project.root];
  return {
    kind: 'runnable',
    commands: [
      ...install.map(demanded),
      { tool: 'npm', args: ['test', '--silent', '--offline', ...where, ...reports] },
    ],
    read: (results) => readNpmTest(setting, results),
  };
}

/** The script of a project runs what its packages brought along. */
function demanded(command: OracleCommand): OracleCommand {
  return { ...command, keepGoing: false };
}

function withoutLockfile(setting: OracleSetting): OraclePlan {
  const declared = declaredPackages(setting).slice(0, 10);
  return {
    kind: 'impossible',
    status: 'infra',
    tool: 'npm',
    reason: `neither node_modules nor package-lock.json is there; the project needs ${declared.join(', ')}`,
    cause: 'dependencies_missing',
    remedy: 'Run npm install in the repository.',
  };
}

function readNpmTest(setting: OracleSetting, results: readonly CommandResult[]): Reading {
  const installation = readInstallation(setting, results);
  if (installation !== undefined) return installation;
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
