import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 2_000;

/** The last lines that a log got since it was `from` bytes long. */
export function endOfLog(file: string, from: number): string {
  const log = openSync(file, 'r');
  try {
    const start = Math.max(from, fstatSync(log).size - TAIL_BYTES);
    const tail = Buffer.alloc(TAIL_BYTES);
    const length = readSync(log, tail, 0, TAIL_BYTES, start);
    return tail.toString('utf8', 0, length);
  } finally {
    closeSync(log);
  }
}
