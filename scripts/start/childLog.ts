import { createWriteStream, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as z from 'zod';

const ROTATE_BYTES = 20 * 1024 * 1024;
const TAIL_LINES = 20;

/** Where the output of a child goes: a file, and what went wrong also to the terminal. */
export interface ChildLog {
  follow(output: Readable): void;
  /** The last lines of the child's current life. */
  tail(): string;
  /** A new life begins. */
  forget(): void;
  close(): void;
}

export function openChildLog(file: string, onError: (line: string) => void): ChildLog {
  mkdirSync(dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > ROTATE_BYTES) renameSync(file, `${file}.1`);
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  stream.on('error', (error) => onError(`its log cannot be written: ${error.message}`));
  let lines: string[] = [];
  return {
    follow(output) {
      createInterface({ input: output }).on('line', (line) => {
        stream.write(`${line}\n`);
        lines = [...lines, line].slice(-TAIL_LINES);
        const complaint = complaintIn(line);
        if (complaint !== undefined) onError(complaint);
      });
    },
    tail: () => lines.join('\n'),
    forget: () => {
      lines = [];
    },
    close: () => stream.end(),
  };
}

const ERROR_LEVEL = 50;
const LogLine = z.object({
  level: z.union([z.number(), z.string()]),
  msg: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
});

/** What the user should see of a line: the message of a structured error, or an unstructured line that tells of one. */
export function complaintIn(line: string): string | undefined {
  if (!line.startsWith('{')) return /\b\w*(Error|Exception)\b: /.test(line) ? line : undefined;
  const parsed = LogLine.safeParse(parseJson(line));
  if (!parsed.success) return undefined;
  const { level, msg = '', err } = parsed.data;
  const isError = typeof level === 'number' ? level >= ERROR_LEVEL : /^(error|fatal)$/i.test(level);
  if (!isError) return undefined;
  return err === undefined || msg.includes(err.message) ? msg : `${msg}: ${err.message}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
