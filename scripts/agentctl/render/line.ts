import type { Paint } from './palette.ts';
import { oneLine } from './text.ts';

const LABEL_WIDTH = 10;
const LINE_WIDTH = 160;

/** `label      text`, on one line, cut where it gets too long. */
export function line(paint: Paint, label: string, text: string): string {
  return `${paint(label.padEnd(LABEL_WIDTH))}  ${oneLine(text, LINE_WIDTH)}`;
}

/** The same with nothing cut: what tells a person what to do is of no use without its end. */
export function wholeLine(paint: Paint, label: string, text: string): string {
  return `${paint(label.padEnd(LABEL_WIDTH))}  ${oneLine(text, Number.POSITIVE_INFINITY)}`;
}
