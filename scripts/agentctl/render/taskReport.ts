import type { OracleRun, Proof, VerdictName } from '../../../lib/task/verdict.ts';
import type { TaskView } from '../../../lib/task/view.ts';
import { line, wholeLine } from './line.ts';
import { modelLabel } from './modelLabel.ts';
import { oracleLines } from './oracleLines.ts';
import type { Paint, Palette } from './palette.ts';
import { count, duration, modelCalls, oneLine } from './text.ts';

const SHOWN_TESTS = 5;
const HASH_LENGTH = 12;
/** As wide as the labels below it. */
const HEAD_WIDTH = 10;

/**
 * The end of a task, or how far it is: verdict, what proves it, files, model, time, details if any and the next command.
 */
export function taskReport(
  task: TaskView,
  palette: Palette,
  details: readonly string[] = [],
): string[] {
  return [
    headline(task, palette),
    ...remedyLines(task, palette),
    ...proofLines(task.result?.proof ?? null, palette),
    ...resultLines(task, palette),
    ...timeLines(task, palette),
    ...details,
    ...nextLines(task, palette),
  ];
}

function headline(task: TaskView, palette: Palette): string {
  const { verdict, failure, status } = task;
  if (verdict !== null) {
    const paint = verdictPaint(verdict.name, palette);
    const name = verdict.name.replaceAll('_', ' ').toUpperCase();
    return `${palette.bold(paint(name.padEnd(HEAD_WIDTH)))}  ${oneLine(verdict.summary, 400)}`;
  }
  if (failure !== null) {
    const text = `${oneLine(failure.message, 400)} (${failure.code})`;
    return `${palette.bold(palette.red(status.toUpperCase().padEnd(HEAD_WIDTH)))}  ${text}`;
  }
  return `${palette.bold(status.toUpperCase().padEnd(HEAD_WIDTH))}  ${oneLine(task.payload.input.goal, 200)}${turnOf(task)}`;
}

function turnOf({ waiting, queue_position: ahead }: TaskView): string {
  if (waiting !== null)
    return `\n  waits until ${waiting.until} at most: ${oneLine(waiting.why, 400)}`;
  if (ahead === null) return '';
  return ahead === 0 ? '  next in line' : `  ${count(ahead, 'task')} ahead`;
}

export function verdictPaint(name: VerdictName, palette: Palette): Paint {
  switch (name) {
    case 'verified':
      return palette.green;
    case 'refuted':
      return palette.red;
    case 'partially_verified':
    case 'unverified':
      return palette.yellow;
  }
}

function remedyLines({ verdict, failure }: TaskView, palette: Palette): string[] {
  const remedy = verdict?.remedy ?? failure?.remedy;
  return remedy === undefined ? [] : [wholeLine(palette.yellow, 'remedy', remedy)];
}

function proofLines(proof: Proof | null, palette: Palette): string[] {
  if (proof === null) return [];
  return [
    ...proof.runs.flatMap((run: OracleRun) => oracleLines(run, palette)),
    ...testLines('fixed', 'failed before and passing now', {
      names: proof.fixed,
      paint: palette.green,
      dim: palette.dim,
    }),
    ...testLines('regressed', 'passed before and failing now', {
      names: proof.regressed,
      paint: palette.red,
      dim: palette.dim,
    }),
    ...proof.non_negotiables.map((fact) =>
      line(
        fact.satisfied ? palette.green : palette.yellow,
        'demand',
        `${fact.name} ${fact.asked}: ${fact.satisfied ? 'satisfied' : `found ${fact.found ?? 'none'}`}`,
      ),
    ),
    line(palette.dim, 'tree', `sha256 ${proof.tree_hash.slice(0, HASH_LENGTH)}: what was judged`),
  ];
}

function testLines(
  label: string,
  what: string,
  { names, paint, dim }: { names: readonly string[]; paint: Paint; dim: Paint },
): string[] {
  if (names.length === 0) return [];
  const rest = names.length - SHOWN_TESTS;
  return [
    line(paint, label, `${count(names.length, 'test')} ${what}`),
    ...names.slice(0, SHOWN_TESTS).map((name) => line(dim, '', name)),
    ...(rest > 0 ? [line(dim, '', `and ${rest} more`)] : []),
  ];
}

function resultLines({ result }: TaskView, palette: Palette): string[] {
  if (result === null) return [];
  const { model, usage, files, apply } = result;
  const calls = `${modelCalls(usage.model_calls, 'call')}, ${count(usage.generated_tokens, 'token')}`;
  return [
    ...files.map(({ action, path, bytes }) =>
      line(palette.cyan, action, `${path} (${count(bytes, 'byte')})`),
    ),
    apply.state === 'applied'
      ? line(palette.green, 'workspace', `the files are written (${apply.why})`)
      : wholeLine(palette.yellow, 'workspace', `${APPLY_WORDS[apply.state]}: ${apply.why}`),
    ...(apply.state === 'conflicted'
      ? apply.paths.map((path) => line(palette.yellow, '', `${path}: not as the task found it`))
      : []),
    ...(model === null
      ? []
      : [line(palette.dim, 'model', `${modelLabel({ ...model, model: model.id })} · ${calls}`)]),
  ];
}

const APPLY_WORDS = {
  not_applied: 'not written',
  conflicted: 'not written',
  reverted: 'taken out again',
} as const;

function timeLines(task: TaskView, palette: Palette): string[] {
  if (task.finished_at === null) return [];
  const between = (from: string, to: string): string => duration(Date.parse(to) - Date.parse(from));
  const worked =
    task.started_at === null ? '' : `, ${between(task.started_at, task.finished_at)} of work`;
  const text = `${between(task.submitted_at, task.finished_at)} since the submit${worked}`;
  return [line(palette.dim, 'time', text)];
}

function nextLines(task: TaskView, palette: Palette): string[] {
  const next = nextCommand(task);
  return next === undefined ? [] : [line(palette.dim, 'next', next)];
}

function nextCommand({ status, task_id, result }: TaskView): string | undefined {
  switch (status) {
    case 'succeeded':
      if (result !== null && result.apply.state !== 'applied' && result.files.length > 0)
        return `agentctl diff ${task_id}, then agentctl apply ${task_id}`;
      return `agentctl feedback ${task_id} --accept   (or --reject, --edited)`;
    case 'failed':
      // What is kept in the journal keeps the skeleton, too.
      if (result?.model?.provider === 'scaffold')
        return `agentctl models --fits (names the command that gets a model), then agentctl resume ${task_id} --from start`;
      return `agentctl resume ${task_id}`;
    case 'cancelled':
      return `agentctl resume ${task_id}`;
    case 'queued':
    case 'running':
    case 'cancelling':
      return `agentctl watch ${task_id}`;
  }
}
