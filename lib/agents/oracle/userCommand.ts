import { parseDiagnostics } from './diagnostics.ts';
import { installPackages, readInstallation } from './languages/npmPackages.ts';
import { installWheels, lackingWheels, type Wheels } from './languages/wheels.ts';
import { lacksDependencies, warmCache } from './missing.ts';
import {
  type CommandResult,
  failedResult,
  type OraclePlan,
  type OracleSetting,
  outputOf,
  type Reading,
} from './plan.ts';

/** The user's own acceptance check, after the dependencies have been put in place: its exit code is its word. */
export function planCommand(
  [tool = '', ...args]: readonly string[],
  setting: OracleSetting,
): OraclePlan {
  const { commands, env } = preparation(setting);
  return {
    kind: 'runnable',
    commands: [...commands, { tool, args, env }],
    read: (results) => {
      const ran = results.slice(commands.length);
      if (failedResult(ran) === undefined) return { status: 'pass', suiteRan: true };
      return missingPackages(setting, results) ?? failedCommand(outputOf(ran));
    },
  };
}

function preparation(setting: OracleSetting): Wheels {
  switch (setting.project.language) {
    case 'python':
      return installWheels(setting);
    case 'javascript':
    case 'typescript':
      return { commands: installPackages(setting), env: {} };
    default:
      return { commands: [], env: {} };
  }
}

const COULD_NOT_IMPORT =
  /No module named|Cannot find (?:package|module)|command not found|: not found/;

function missingPackages(
  setting: OracleSetting,
  results: readonly CommandResult[],
): Reading | undefined {
  if (!COULD_NOT_IMPORT.test(outputOf(results))) return undefined;
  const lacking = lackingWheels(results);
  if (lacking.length > 0) return lacksDependencies(lacking, warmCache('python'));
  const installation = readInstallation(setting, results);
  return installation?.status === 'infra' ? installation : undefined;
}

const COMPILERS = ['python', 'tsc', 'javac', 'go', 'rustc', 'gcc', 'assert', 'node'] as const;

function failedCommand(output: string): Reading {
  const found = COMPILERS.map((compiler) => parseDiagnostics(compiler, output));
  const diagnostics = found.find((diagnostics) => diagnostics.length > 0) ?? [];
  return { status: 'fail', suiteRan: true, diagnostics };
}
