import { parseDiagnostics } from './diagnostics.ts';
import {
  type CommandResult,
  failedResult,
  type OraclePlan,
  outputOf,
  type Reading,
} from './plan.ts';

/** The user's own acceptance check: its exit code is its word. */
export function planCommand([tool = '', ...args]: readonly string[]): OraclePlan {
  return { kind: 'runnable', commands: [{ tool, args }], read: readCommand };
}

const COMPILERS = ['python', 'tsc', 'javac', 'go', 'rustc', 'node'] as const;

function readCommand(results: readonly CommandResult[]): Reading {
  if (failedResult(results) === undefined) return { status: 'pass', suiteRan: true };
  const output = outputOf(results);
  const found = COMPILERS.map((compiler) => parseDiagnostics(compiler, output));
  const diagnostics = found.find((diagnostics) => diagnostics.length > 0) ?? [];
  return { status: 'fail', suiteRan: true, diagnostics };
}
