import type { Diagnostic } from '../../task/verdict.ts';

const MAX_DIAGNOSTICS = 20;
const MAX_MESSAGE = 1_000;

/** Patterns of compilers; named groups file, line, code and message. */
const COMPILERS = {
  javac:
    /^(?:\[ERROR\] )?(?<file>[^\s:][^:\n]*\.java):(?:\[(?<l2>\d+),\d+\]|(?<line>\d+):) (?:error: )?(?<message>.+)$/gm,
  tsc: /^(?<file>[^\s(][^(\n]*)\((?<line>\d+),\d+\): error (?<code>TS\d+): (?<message>.+)$/gm,
  node: /^(?:file:\/\/)?(?<file>\/workspace\/[^\n:]+):(?<line>\d+)\n(?:.*\n){0,4}?(?<code>\w*Error): (?<message>.+)$/gm,
  python:
    /^ *File "(?<file>[^"\n]+)", line (?<line>\d+)(?:, in .*)?\n(?:(?! *File ").*\n){0,6}?(?<code>\w+(?:Error|Exception|Exit|Interrupt)): ?(?<message>.*)$/gm,
  go: /^(?:vet: )?(?<file>[\w./-]+\.go):(?<line>\d+):(?:\d+:)? (?<message>.+)$/gm,
  gcc: /^(?:(?<file>[^\s:][^:\n]*):(?<line>\d+)(?::\d+)?: (?:fatal )?error: (?<message>.+)|(?:\S*ld: )?(?<f2>[^\s:][^:\n]*):(?:(?<l2>\d+)|\([^)]*\)): (?<m2>undefined reference to .+))$/gm,
  assert:
    /^(?:[^:\n]+: )?(?<file>[^\s:][^:\n]*\.(?:c|cc|cpp|cxx|h|hpp)):(?<line>\d+): (?<message>.*Assertion .+ failed\.?)$/gm,
  rustc: /^error(?:\[(?<code>E\d+)\])?: (?<message>.+)\n *--> (?<file>[^:\n]+):(?<line>\d+):\d+/gm,
} as const;

export type Compiler = keyof typeof COMPILERS;

/** What a compiler complained about, each complaint once, at most 20, with paths relative to the workspace. */
export function parseDiagnostics(compiler: Compiler, output: string): Diagnostic[] {
  const found = [...output.replaceAll('\r\n', '\n').matchAll(COMPILERS[compiler])];
  return uniqueDiagnostics(found.map(({ groups }) => toDiagnostic(groups ?? {})));
}

function toDiagnostic(groups: Record<string, string | undefined>): Diagnostic {
  const { line, l2, code, m2 = '', message = m2 } = groups;
  const file = groups['file'] ?? groups['f2'];
  return {
    ...(file === undefined ? {} : { file }),
    ...lineOf(line ?? l2),
    ...(code === undefined ? {} : { code }),
    message,
  };
}

function lineOf(line: string | undefined): { line?: number } {
  return line === undefined ? {} : { line: Number(line) };
}

/** Each once, paths as the repository knows them, at most 20. */
export function uniqueDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const tidy = tidied(diagnostic);
    const key = JSON.stringify([tidy.file, tidy.line, tidy.code, tidy.message]);
    if (!seen.has(key)) seen.set(key, tidy);
    if (seen.size === MAX_DIAGNOSTICS) break;
  }
  return [...seen.values()];
}

function tidied({ file, message, ...rest }: Diagnostic): Diagnostic {
  return {
    ...(file === undefined ? {} : { file: insideWorkspace(file) }),
    ...rest,
    message: message.replaceAll('/workspace/', '').trim().slice(0, MAX_MESSAGE),
  };
}

/** A path as tools print it, relative to the workspace where it is below it. */
export function insideWorkspace(path: string): string {
  return path.replace(/^(file:\/\/)?\/workspace\//, '').replace(/^\.\//, '');
}
