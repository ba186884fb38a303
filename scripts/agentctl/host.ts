import type { Readable } from 'node:stream';

/** Everything of the machine that a command may touch, so that a test can stand in for it. */
export interface Host {
  environment: Readonly<Record<string, string | undefined>>;
  /** Absolute path that relative paths start from. */
  directory: string;
  terminal: Terminal;
  stdin: Readable & { isTTY?: boolean };
  /** Fires at Ctrl-C. */
  interrupted: AbortSignal;
}

/** stdout is data, stderr is messages. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Both streams show on one terminal: progress may be drawn and erased. */
  live: boolean;
  columns: number;
  colour: boolean;
}
