import { join } from 'node:path';
import { parseDiagnostics } from '../diagnostics.ts';
import { declaredAmong, lacksDependencies } from '../missing.ts';
import {
  type CommandResult,
  failedResult,
  type OracleCommand,
  type OraclePlan,
  type OracleSetting,
  outputOf,
  type Reading,
} from '../plan.ts';
import { nodeTypeFlags } from './nodeTypes.ts';
import { afterInstallation, installPackages, readInstallation } from './npmPackages.ts';

/** Each file costs one start of node; more are told as left out. */
const MAX_CHECKED = 200;

/** Sensible for files that Node runs by stripping their types. */
const PLAIN_FLAGS = [
  ...['--noEmit', '--strict', '--target', 'es2024', '--module', 'esnext'],
  ...['--moduleResolution', 'bundler', '--allowImportingTsExtensions', '--skipLibCheck'],
];

export function planNodeCompile(setting: OracleSetting): OraclePlan {
  const { tree } = setting;
  const sources = tree.files.filter(
    (path) => !/(^|\/)(node_modules|dist|build|coverage)\//.test(path),
  );
  const typed = sources.filter((path) => /\.[cm]?tsx?$/.test(path) && !path.endsWith('.d.ts'));
  if (typed.length > 0) return planTypeScript(setting, typed);
  const scripts = sources.filter((path) => /\.[cm]?js$/.test(path)).slice(0, MAX_CHECKED);
  if (scripts.length === 0) {
    return { kind: 'impossible', status: 'not_run', tool: 'node', reason: 'no script is there' };
  }
  return planNodeCheck(scripts);
}

function planTypeScript(setting: OracleSetting, typed: readonly string[]): OraclePlan {
  const { tree, project } = setting;
  const config = [join(project.root, 'tsconfig.json'), 'tsconfig.json'].find((path) =>
    tree.files.includes(path),
  );
  const chosen = config === undefined ? PLAIN_FLAGS : ['--noEmit', '-p', config];
  const files = config === undefined ? typed : [];
  const args = ['--pretty', 'false', ...chosen, ...nodeTypeFlags(setting, config), ...files];
  return {
    kind: 'runnable',
    commands: [...installPackages(setting), { tool: 'tsc', args }],
    read: (results) => readTypeScript(setting, results),
  };
}

function readTypeScript(setting: OracleSetting, results: readonly CommandResult[]): Reading {
  const ran = afterInstallation(results);
  const output = outputOf(ran);
  const missing = [...output.matchAll(/Cannot find module '((?:@[^'/]+\/)?[^'./][^'/]*)/g)];
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
  return {
    status: failedResult(ran) === undefined ? 'pass' : 'fail',
    suiteRan: false,
    diagnostics: parseDiagnostics('tsc', output),
  };
}

function planNodeCheck(scripts: readonly string[]): OraclePlan {
  const commands: OracleCommand[] = scripts.map((path) => ({
    tool: 'node',
    args: ['--check', path],
    keepGoing: true,
  }));
  return {
    kind: 'runnable',
    commands,
    read: (results) => ({
      status: failedResult(results) === undefined ? 'pass' : 'fail',
      suiteRan: false,
      diagnostics: parseDiagnostics('node', outputOf(results)),
    }),
  };
}
