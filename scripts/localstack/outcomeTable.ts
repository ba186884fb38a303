import type { SuiteResult } from './runSuite.ts';

/** What became of one emulator. `broken` is a failure of ours, `unavailable` what this machine lacks. */
export type Outcome = { title: string } & (
  | { kind: 'ran'; result: SuiteResult }
  | { kind: 'unavailable'; why: string }
  | { kind: 'broken'; why: string }
);

const HEAD = ['emulator', 'passed', 'failed', 'skipped', 'duration'];

/** The table and, below it, why what is missing is missing. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = [HEAD, ...outcomes.map(cells)];
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  );
  const notes = outcomes.flatMap(notesOf);
  return [...lines, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n');
}

function cells(outcome: Outcome): string[] {
  if (outcome.kind !== 'ran') return [outcome.title, '-', '-', '-', 'not run'];
  const { passed, failed, skipped, ms } = outcome.result;
  const counts = [passed, failed, skipped].map(String);
  return [outcome.title, ...counts, `${(ms / 1_000).toFixed(1)} s`];
}

function notesOf(outcome: Outcome): string[] {
  if (outcome.kind !== 'ran') return [`${outcome.title}: not run: ${outcome.why}`];
  return [...outcome.result.reasons].map(
    ([why, count]) => `${outcome.title}: ${count} skipped: ${why}`,
  );
}

/** Missing Python or a missing index fails nothing. */
export function hasFailed(outcome: Outcome): boolean {
  if (outcome.kind === 'ran') return !outcome.result.succeeded;
  return outcome.kind === 'broken';
}
