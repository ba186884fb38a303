import type { Command } from 'commander';
import type { Client } from '../../lib/client/client.ts';
import type { ExitCode } from './exitCode.ts';
import type { Host, Terminal } from './host.ts';
import type { Palette } from './render/palette.ts';
import type { Settings } from './settings.ts';

/** What every command gets. */
export interface Context {
  host: Host;
  terminal: Terminal;
  palette: Palette;
  settings: Settings;
  client: Client;
  /** Data as JSON, streams as NDJSON. */
  json: boolean;
  /** The whole of stdin; refuses a terminal, which nobody may be sitting at. */
  readStdin(): Promise<string>;
}

/** Runs a command's work in its context. */
export type Runner = (
  command: Command,
  work: (context: Context) => Promise<ExitCode>,
) => Promise<void>;
