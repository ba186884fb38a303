import type { EventData } from '../../../lib/task/event.ts';
import type { Diagnostic, TestCounts } from '../../../lib/task/verdict.ts';
import { line } from './line.ts';
import type { Paint, Palette } from './palette.ts';
import { stepName } from './stepLines.ts';
import { commandLine, count, duration, oneLine } from './text.ts';

type Run = Omit<EventData<'oracle.finished'>, 'step'>;

const SHOWN_DIAGNOSTICS = 3;
const COMMAND_WIDTH = 80;

/**
 * One run of the oracle: what was judged, with what result, and the first things that are wrong. What fails on the
 * untouched tree is no fault of the run.
 */
export function oracleLines(run: Run & { step?: string }, palette: Palette): string[] {
  if (run.step?.startsWith('generated') && run.tests !== null) return newTestLines(run, palette);
  const isBaseline = run.step === 'baseline';
  const facts = [
    `${stepName(run.phase)} ${STATUS_WORDS[run.status]}`,
    ...(run.tests === null ? [] : [testCounts(run.tests)]),
    // What only looks things up takes no time worth telling.
    ...(run.status === 'not_run' || run.ms < 1 ? [] : [duration(run.ms)]),
    ...(run.reason === undefined ? [] : [run.reason]),
    ...(run.argv.length > 0 ? [oneLine(commandLine(run.argv), COMMAND_WIDTH)] : []),
  ];
  const diagnostics = run.diagnostics
    .slice(0, SHOWN_DIAGNOSTICS)
    .map((diagnostic) => line(palette.dim, '', diagnosticText(diagnostic)));
  const paint = isBaseline ? palette.dim : paintOf(run.status, palette);
  return [line(paint, isBaseline ? 'before' : 'oracle', facts.join(' · ')), ...diagnostics];
}

/** Tests that were written in the run, on the tree before the change: they say something only where they fail. */
function newTestLines({ status, tests, ms }: Run, palette: Palette): string[] {
  const says = status === 'fail';
  const told = says
    ? 'the new tests fail without the change, as they must'
    : 'the new tests pass without the change too: they say nothing of it';
  const counts = tests === null ? [] : [testCounts(tests)];
  const paint = says ? palette.green : palette.yellow;
  return [line(paint, 'before', [told, ...counts, duration(ms)].join(' · '))];
}

/** 6 tests: 5 passed, 1 failed. */
export function testCounts({ total, passed, failed, errors, skipped }: TestCounts): string {
  const parts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(errors > 0 ? [`${errors} with an error`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `${count(total, 'test')}: ${parts.join(', ')}`;
}

const STATUS_WORDS: Record<Run['status'], string> = {
  pass: 'passed',
  fail: 'failed',
  infra: 'could not run (not the patch)',
  timeout: 'timed out',
  not_run: 'did not run',
  suspect: 'is suspect',
};

function paintOf(status: Run['status'], palette: Palette): Paint {
  if (status === 'pass') return palette.green;
  return status === 'fail' || status === 'suspect' ? palette.red : palette.yellow;
}

function diagnosticText({ file, line: at, message }: Diagnostic): string {
  const place = [file, at].filter((part) => part !== undefined).join(':');
  return place === '' ? message : `${place}: ${message}`;
}
