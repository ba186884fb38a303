import type { ExecRan, Toolchain } from '../../sandbox/sandbox.ts';
import type { NonNegotiables } from '../../task/payload.ts';
import type { Diagnostic, OracleRun, TestCase, UnverifiedReason } from '../../task/verdict.ts';
import type { Project } from './detect.ts';

/** Phases that a language adapter knows how to run; `command` is the user's own argv. */
export type RunnablePhase = 'compile' | 'smoke' | 'full';

/** The throwaway copy that is judged: the result with the base tree's test files restored. */
export interface JudgedTree {
  /** Absolute host path; /workspace inside the sandbox. */
  root: string;
  /** Relative paths of its files, sorted. */
  files: readonly string[];
  /** Text of a file of the tree, or undefined when it is not there or no small text. */
  read(path: string): string | undefined;
}

/** What a language adapter decides on. */
export interface OracleSetting {
  phase: RunnablePhase;
  tree: JudgedTree;
  project: Project;
  /** Test files of the base tree: these were restored. */
  baseTests: ReadonlySet<string>;
  /** Absolute host folder; /report inside the sandbox. */
  reportDir: string;
  /** Tools of the allowlist that this machine has, by name. */
  tools: ReadonlyMap<string, Toolchain>;
  nonNegotiables: NonNegotiables;
}

export interface OracleCommand {
  tool: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Run the commands after this one even when it fails. */
  keepGoing?: boolean;
}

export interface CommandResult {
  command: OracleCommand;
  ran: ExecRan;
}

/** What the results say. Cases are absent when the phase is no test run. */
export interface Reading {
  status: OracleRun['status'];
  suiteRan: boolean;
  cases?: TestCase[];
  diagnostics?: Diagnostic[];
  reason?: string;
  cause?: UnverifiedReason;
  remedy?: string;
}

/** A phase that cannot be run here, with the reason. */
export interface Impossible {
  kind: 'impossible';
  status: 'not_run' | 'infra';
  tool: string;
  reason: string;
  cause?: UnverifiedReason;
  remedy?: string;
}

export interface Runnable {
  kind: 'runnable';
  commands: readonly OracleCommand[];
  read: (results: readonly CommandResult[]) => Reading;
}

export type OraclePlan = Runnable | Impossible;

/** Case that stands for a test file which could not be loaded or built at all. */
export const LOAD_CASE = '(load)';

export function caseName(owner: string, test: string): string {
  return `${owner}::${test}`;
}

export function ownerOf(name: string): string {
  const at = name.indexOf('::');
  return at === -1 ? name : name.slice(0, at);
}

/** The plan for a tree in which nobody wrote a test: no proof, and nobody's fault. */
export function noTests(tool: string): Impossible {
  return { kind: 'impossible', status: 'not_run', tool, reason: 'the repository has no tests' };
}

/** Both streams of every command, in order. */
export function outputOf(results: readonly CommandResult[]): string {
  return results.map(({ ran }) => `${ran.stdout}\n${ran.stderr}`).join('\n');
}

export function failedResult(results: readonly CommandResult[]): CommandResult | undefined {
  return results.find(({ ran }) => ran.exit !== 0 || ran.termination !== 'exited');
}

/** Well below what Linux takes as the arguments of a command. */
const MAX_ARGUMENT_CHARS = 96 * 1024;

/** The test files as arguments; none for a very large suite, which the runner then finds by itself. */
export function asArguments(paths: readonly string[]): readonly string[] {
  const characters = paths.reduce((sum, path) => sum + path.length + 1, 0);
  return characters <= MAX_ARGUMENT_CHARS ? paths : [];
}
