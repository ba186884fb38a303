import { hashOf } from '../kernel/canonicalJson.ts';
import type { Diagnostic, OracleRun } from '../task/verdict.ts';

const MAX_DIAGNOSTICS = 8;
const MAX_CHARS = 4_000;

/**
 * What a model needs to repair a tree: the first 8 diagnostics grouped by file with 3 lines of source each, at most
 * 4,000 characters; the head and tail of the log where nothing could be read out of it.
 */
export function feedbackOf(run: OracleRun, read: (path: string) => string | undefined): string {
  const told = run.reason === undefined ? '' : `(${run.reason})\n`;
  if (run.diagnostics.length === 0) return `${told}${run.log}`;
  const groups = Map.groupBy(run.diagnostics.slice(0, MAX_DIAGNOSTICS), ({ file }) => file ?? '');
  const parts = [...groups].map(([file, diagnostics]) => tellFile(file, diagnostics, read(file)));
  return `${told}${parts.join('\n\n')}`.slice(0, MAX_CHARS);
}

function tellFile(
  file: string,
  diagnostics: readonly Diagnostic[],
  source: string | undefined,
): string {
  const lines = source?.split('\n') ?? [];
  const told = diagnostics.map((diagnostic) => tellDiagnostic(diagnostic, lines));
  return [...(file === '' ? [] : [`In ${file}:`]), ...told].join('\n');
}

function tellDiagnostic({ line, code, message }: Diagnostic, lines: readonly string[]): string {
  const place = line === undefined ? '' : `line ${line}: `;
  const name = code === undefined ? '' : `${code}: `;
  const told = `- ${place}${name}${message}`;
  if (line === undefined) return told;
  const first = Math.max(1, line - 1);
  const around = lines
    .slice(first - 1, line + 1)
    .map((text, offset) => `    ${first + offset} | ${text}`);
  return [told, ...around].join('\n');
}

/** Equal for runs that failed in the same way, wherever the lines have moved to. */
export function failureHash(run: OracleRun): string {
  const diagnostics = run.diagnostics.map(({ file, code, message }) => [file, code, message]);
  const bad = run.cases.filter(({ outcome }) => outcome === 'failed' || outcome === 'errored');
  return hashOf([run.phase, run.status, diagnostics, bad.map(({ name }) => name)]);
}

export function whatFailed({ phase, status }: OracleRun): string {
  if (status === 'timeout') return 'It did not end in time: look for an endless loop or a wait.';
  if (phase === 'compile') return 'It does not compile.';
  if (phase === 'command') return "The user's own check fails.";
  return 'It compiles, but tests fail.';
}
