import type { TaskEvent } from '../../../lib/task/event.ts';
import { modelLabel } from './modelLabel.ts';
import type { Palette } from './palette.ts';
import { duration, oneLine, printable } from './text.ts';

/** What is going on now. Times are milliseconds of one clock. */
export interface Progress {
  doing: string;
  sinceMs: number;
  model: string | undefined;
  /** The last words of the model in this step. */
  tail: string;
}

const TAIL_LENGTH = 400;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

export function startProgress(nowMs: number): Progress {
  return { doing: 'waiting for a worker', sinceMs: nowMs, model: undefined, tail: '' };
}

export function advance(progress: Progress, event: TaskEvent, nowMs: number): Progress {
  const turn = (doing: string): Progress => ({ ...progress, doing, sinceMs: nowMs, tail: '' });
  switch (event.type) {
    case 'task.claimed':
      return turn('starting');
    case 'task.requeued':
    case 'task.resumed':
      return turn('waiting for a worker');
    case 'task.cancelling':
      return turn('cancelling');
    case 'model.routed':
      return { ...progress, model: modelLabel(event.data) };
    case 'step.started':
      return turn(event.data.title);
    case 'step.finished':
      return turn('working');
    case 'log.appended':
      if (event.data.source !== 'model') return progress;
      return { ...progress, tail: (progress.tail + event.data.text).slice(-TAIL_LENGTH) };
    default:
      return progress;
  }
}

/** The lines at the bottom of a terminal, at most `columns` wide; drawn anew for every frame. */
export function statusLines(
  progress: Progress,
  screen: { nowMs: number; columns: number; palette: Palette },
): string[] {
  const { nowMs, columns, palette } = screen;
  const frame = FRAMES[Math.floor(nowMs / FRAME_MS) % FRAMES.length] ?? '';
  const elapsed = duration(nowMs - progress.sinceMs);
  const model = progress.model === undefined ? '' : ` · ${progress.model}`;
  const status = oneLine(`${progress.doing} · ${elapsed}${model}`, columns - 4);
  const tail = lastWords(progress.tail, columns - 6);
  return [`${palette.cyan(frame)} ${status}`, ...(tail === '' ? [] : [palette.dim(`  │ ${tail}`)])];
}

function lastWords(text: string, width: number): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  return [...line].slice(-Math.max(0, width)).join('');
}
