import type { EventData, TaskEvent } from '../../../lib/task/event.ts';
import { line } from './line.ts';
import { modelLabel } from './modelLabel.ts';
import { oracleLines } from './oracleLines.ts';
import type { Palette } from './palette.ts';
import { editLines, finishedLines, promptLines, startedLines } from './stepLines.ts';
import { commandLine, duration, printable } from './text.ts';

/** What a person reads of one event: some lines, or none where nothing is worth saying. */
export function eventLines(event: TaskEvent, palette: Palette): string[] {
  switch (event.type) {
    case 'task.submitted':
      return [line(palette.dim, 'submitted', `${event.data.language}: ${event.data.goal}`)];
    case 'task.claimed':
      return [
        line(palette.dim, 'claimed', `by ${event.data.worker}, attempt ${event.data.attempt}`),
      ];
    case 'task.requeued':
      return [line(palette.yellow, 'requeued', requeueReason(event.data))];
    case 'task.resumed':
      return [line(palette.cyan, 'resumed', `from the ${event.data.from}`)];
    case 'task.cancelling':
      return [line(palette.yellow, 'cancelling', 'waiting until no process of the task is left')];
    case 'task.finished':
      return [];
    case 'model.routed':
      return routedLines(event.data, palette);
    default:
      return workLines(event, palette);
  }
}

function workLines(event: TaskEvent, palette: Palette): string[] {
  switch (event.type) {
    case 'repo.fetched':
      return [line(palette.dim, 'fetched', fetchedText(event.data))];
    case 'step.started':
      return startedLines(event.data, palette);
    case 'step.finished':
      return finishedLines(event.data, palette);
    case 'prompt.built':
      return promptLines(event.data, palette);
    case 'plan.written':
      return planLines(event.data, palette);
    case 'review.finished':
      return reviewLines(event.data, palette);
    case 'edit.applied':
      return editLines(event.data, palette);
    case 'read.denied':
      return [line(palette.red, 'denied', readDeniedText(event.data))];
    case 'write.denied':
      return [line(palette.red, 'denied', `write to ${event.data.target}: ${event.data.reason}`)];
    case 'exec.denied':
      return [line(palette.red, 'denied', `${event.data.tool}: ${event.data.reason}`)];
    case 'exec.finished':
      return ranLines(event.data, palette);
    case 'oracle.finished':
      return oracleLines(event.data, palette);
    case 'log.appended':
      return logLines(event.data, palette);
    case 'patch.applied':
      return [line(palette.green, 'applied', event.data.paths.join(', '))];
    case 'patch.reverted':
      return [line(palette.green, 'reverted', event.data.paths.join(', '))];
    case 'patch.checked':
      return [line(palette.green, 'applies', event.data.paths.join(', '))];
    case 'patch.conflicted':
      return [line(palette.yellow, 'conflict', conflictText(event.data))];
    default:
      return [];
  }
}

function readDeniedText({ path, target, reason }: EventData<'read.denied'>): string {
  return `${printable(path)} is not copied: ${printable(reason)} (leads to ${printable(target)})`;
}

function requeueReason({ reason, attempt }: EventData<'task.requeued'>): string {
  switch (reason) {
    case 'lease_lapsed':
      return `the worker of attempt ${attempt} was lost; another one goes on from the journal`;
    case 'worker_draining':
      return `the worker of attempt ${attempt} is stopping; another one goes on from the journal`;
    case 'waiting_for_model':
      return 'no model can take it now; it waits in the queue until one can, or until its latency_ms is over';
  }
}

function fetchedText({ url, ref, commit }: EventData<'repo.fetched'>): string {
  return `${url} ${ref === null || ref === commit ? '' : `${ref} `}at ${commit.slice(0, 12)}`;
}

function routedLines(data: EventData<'model.routed'>, palette: Palette): string[] {
  const paint = data.llm ? palette.cyan : palette.yellow;
  const refused = data.refused.map(({ model, reasons }) =>
    line(palette.dim, 'refused', `${model}: ${reasons.join('; ')}`),
  );
  return [line(paint, 'model', `${modelLabel(data)}: ${data.why}`), ...refused];
}

/** How a tool ended by itself is told by the oracle that ran it; that it was stopped is told here. */
function ranLines(data: EventData<'exec.finished'>, palette: Palette): string[] {
  if (data.termination === 'exited') return [];
  const why = printable(data.reason ?? data.termination);
  const text = `${commandLine(data.argv)} · ${why} · ${duration(data.ms)}`;
  const remedy = data.remedy === undefined ? [] : [line(palette.dim, '', printable(data.remedy))];
  return [line(palette.yellow, 'stopped', text), ...remedy];
}

/** A model's words are shown live only; as a record they would drown everything else. */
function logLines({ source, text }: EventData<'log.appended'>, palette: Palette): string[] {
  if (source === 'model') return [];
  return printable(text)
    .split('\n')
    .filter((part) => part.trim() !== '')
    .map((part) => line(palette.dim, source, part));
}

export function conflictText({ paths, why }: EventData<'patch.conflicted'>): string {
  return why ?? `changed meanwhile: ${paths.join(', ')}`;
}

function planLines({ summary, files }: EventData<'plan.written'>, palette: Palette): string[] {
  return [
    line(palette.cyan, 'plan', summary),
    ...files.map(({ action, path, why }) => line(palette.dim, '', `${action} ${path}: ${why}`)),
  ];
}

function reviewLines(
  { verdict, scores, issues }: EventData<'review.finished'>,
  palette: Palette,
): string[] {
  const given = Object.entries(scores).map(([name, score]) => `${name} ${score}/4`);
  const paint = verdict === 'approve' ? palette.green : palette.yellow;
  return [
    line(paint, 'review', `${verdict}: ${given.join(', ')}`),
    ...issues.map(({ path, line: at, severity, message }) =>
      line(palette.dim, '', `${severity} ${path}${at === undefined ? '' : `:${at}`}: ${message}`),
    ),
  ];
}
