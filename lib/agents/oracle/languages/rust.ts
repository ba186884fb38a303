import { join } from 'node:path';
import type { TestCase } from '../../../task/verdict.ts';
import { parseDiagnostics } from '../diagnostics.ts';
import { lacksDependencies, warmCache } from '../missing.ts';
import {
  type CommandResult,
  caseName,
  failedResult,
  LOAD_CASE,
  type OraclePlan,
  type OracleSetting,
  outputOf,
  type Reading,
} from '../plan.ts';
import { readSuite } from '../suiteReading.ts';
import { canaryName, plantInRust } from './canary.ts';

export function planRust(setting: OracleSetting): OraclePlan {
  const { phase, project } = setting;
  if (project.evidence === undefined) {
    return {
      kind: 'impossible',
      status: 'not_run',
      tool: 'cargo',
      cause: 'toolchain_missing',
      reason: 'there is no Cargo.toml',
      remedy: 'Run cargo init in the repository.',
    };
  }
  const where = project.root === '.' ? [] : ['--manifest-path', `${project.root}/Cargo.toml`];
  const args =
    phase === 'compile'
      ? ['build', '--offline', '--color=never', ...where]
      : ['test', '--offline', '--color=never', '--no-fail-fast', ...where];
  const canary = canaryName();
  const planted = phase === 'compile' ? [] : plantInRust(setting, canary);
  return {
    kind: 'runnable',
    commands: [{ tool: 'cargo', args }],
    read: (results) => readCargo(setting, results, { canary, planted }),
  };
}

interface Canary {
  canary: string;
  /** Files that hold it. */
  planted: readonly string[];
}

function readCargo(
  setting: OracleSetting,
  results: readonly CommandResult[],
  { canary, planted }: Canary,
): Reading {
  const output = outputOf(results);
  const endedWell = failedResult(results) === undefined;
  const missing = missingCrates(output);
  if (!endedWell && missing.length > 0) {
    return lacksDependencies(missing, warmCache('rust'));
  }
  const diagnostics = parseDiagnostics('rustc', output);
  if (setting.phase === 'compile') {
    return { status: endedWell ? 'pass' : 'fail', suiteRan: false, diagnostics };
  }
  if (/^error: could not compile/m.test(output)) return failedBuild(setting, output);
  // Only these: a test may ask for a feature that is not on.
  const announced = binariesIn(output, setting.project.root);
  const all = readCases(output, setting.project.root);
  const cases = all.filter(({ name }) => !name.endsWith(`::zz_${canary}`));
  const sang = (path: string): boolean =>
    all.some(
      ({ name, outcome }) => name === caseName(path, `zz_${canary}`) && outcome === 'passed',
    );
  if (cases.length === 0 && endedWell) return nothingRan();
  return readSuite({
    cases,
    diagnostics: [...diagnostics, ...panics(output)],
    endedWell,
    // A binary that was ended in the middle announces its tests and never sums them up.
    complete:
      !results.some(({ ran }) => ran.truncated) &&
      planted.filter((path) => announced.includes(path)).every(sang) &&
      count(output, /^running \d+ tests?$/gm) === count(output, /^test result: /gm),
  });
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

/** Tests live inside Rust sources too: only the run tells whether there is one. */
function nothingRan(): Reading {
  return { status: 'not_run', suiteRan: false, reason: 'the repository has no tests' };
}

function missingCrates(output: string): string[] {
  const named = [
    ...output.matchAll(/no matching package named `([\w-]+)` found/g),
    ...output.matchAll(/unable to get packages from source[\s\S]*?failed to download `([^`]+)`/g),
    ...output.matchAll(/failed to (?:get|download) `([\w-]+)`/g),
  ].map(([, name]) => name ?? '');
  return [...new Set(named)];
}

function failedBuild({ baseTests }: OracleSetting, output: string): Reading {
  return {
    status: 'fail',
    suiteRan: false,
    diagnostics: parseDiagnostics('rustc', output),
    cases: [...baseTests].map((path) => ({ name: caseName(path, LOAD_CASE), outcome: 'errored' })),
  };
}

const OUTCOMES: Record<string, TestCase['outcome']> = {
  ok: 'passed',
  FAILED: 'failed',
  ignored: 'skipped',
};

function binariesIn(output: string, root: string): string[] {
  return [...output.matchAll(/^\s+Running (?:unittests )?(\S+) \(/gm)].map(([, path]) =>
    join(root, path ?? ''),
  );
}

/** Cargo announces each test binary on stderr and its cases come on stdout: the two are told apart by their order. */
function readCases(output: string, root: string): TestCase[] {
  const binaries = binariesIn(output, root);
  const blocks = output.split(/^running \d+ tests?$/m).slice(1);
  return blocks.flatMap((block, position) =>
    [...block.matchAll(/^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)/gm)].map(
      ([, name = '', word = '']): TestCase => ({
        name: caseName(binaries[position] ?? 'doc-tests', name),
        outcome: OUTCOMES[word] ?? 'errored',
      }),
    ),
  );
}

function panics(output: string) {
  const found = output.matchAll(
    /^thread '([^']+)'(?: \(\d+\))? panicked at ([^:\n]+):(\d+):\d+:\n([^\n]+(?:\n {1,2}(?:left|right):[^\n]+)*)/gm,
  );
  return [...found].map(([, code, file, line, message]) => ({
    ...(code === undefined ? {} : { code }),
    file: file ?? '',
    line: Number(line),
    message: message ?? '',
  }));
}
