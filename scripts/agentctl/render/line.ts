import type { Paint } from './palette.ts';
import { oneLine } from './text.ts';

const LABEL_WIDTH = 10;
const LINE_WIDTH = 160;

/** `label      text`, on one line. */
export function line(paint: Paint, label: string, text: string): string {
  return `${paint(label.padEnd(LABEL_WIDTH))}  ${oneLine(text, LINE_WIDTH)}`;
}
