import { Readable } from 'node:stream';
import type { Host } from '../../scripts/agentctl/host.ts';

export interface Recorded {
  host: Host;
  out(): string;
  err(): string;
}

/** A machine of its own: nothing of the real environment reaches the command. */
export function createHost(options: {
  environment?: Record<string, string>;
  directory?: string;
  stdin?: Host['stdin'];
  interrupted?: AbortSignal;
  /** Called with everything that stdout has got so far. */
  onOut?: (out: string) => void;
}): Recorded {
  const written = { out: '', err: '' };
  const host: Host = {
    environment: { HOME: '/nonexistent', ...options.environment },
    directory: options.directory ?? '/nonexistent',
    stdin: options.stdin ?? Readable.from([]),
    interrupted: options.interrupted ?? new AbortController().signal,
    terminal: {
      out: (text) => {
        written.out += text;
        options.onOut?.(written.out);
      },
      err: (text) => {
        written.err += text;
      },
      live: false,
      columns: 100,
      colour: false,
    },
  };
  return { host, out: () => written.out, err: () => written.err };
}
