import type { TaskEvent } from '../../lib/task/event.ts';
import type { Context } from './context.ts';
import { foldAll } from './render/fold.ts';
import { advance, startProgress, statusLines } from './render/progress.ts';

const FRAME_MS = 100;
const ERASE_LINE_AND_UP = '\u001b[2K\u001b[1A';
const ERASE_LINE = '\r\u001b[2K';

/** Lines that stay, above a status that is drawn and erased. Without a terminal there is no status. */
export interface Screen {
  /** Data: to stdout. */
  print(lines: readonly string[]): void;
  /** A message: to stderr. */
  note(text: string): void;
  advance(event: TaskEvent): void;
  close(): void;
}

export function openScreen({ terminal, palette, json }: Context): Screen {
  const live = terminal.live && !json;
  let progress = startProgress(performance.now());
  let drawn = 0;

  const erase = (): void => {
    if (drawn > 0) terminal.err(ERASE_LINE_AND_UP.repeat(drawn) + ERASE_LINE);
    drawn = 0;
  };
  const draw = (): void => {
    if (!live) return;
    erase();
    const now = performance.now();
    const lines = statusLines(progress, { nowMs: now, columns: terminal.columns, palette });
    terminal.err(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = live ? setInterval(draw, FRAME_MS).unref() : undefined;

  return {
    print: (lines) => {
      if (lines.length === 0) return;
      erase();
      terminal.out(`${foldAll(lines, { live, columns: terminal.columns })}\n`);
      draw();
    },
    note: (text) => {
      erase();
      terminal.err(`${text}\n`);
      draw();
    },
    advance: (event) => {
      progress = advance(progress, event, performance.now());
    },
    close: () => {
      clearInterval(timer);
      erase();
    },
  };
}
