import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { runAgentctl } from './agentctl.ts';
import type { Host } from './host.ts';

const interruption = new AbortController();

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second Ctrl-C of an impatient person.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  });
}
// The reader of a pipe may leave early: `agentctl list | head -1`.
process.stdout.on('error', leaveAtBrokenPipe);
process.stderr.on('error', leaveAtBrokenPipe);

const code = await runAgentctl(process.argv.slice(2), thisMachine());
process.stdout.write('', () => process.exit(code));

function thisMachine(): Host {
  const { stdout, stderr, stdin, env } = process;
  const dumb = env['TERM'] === 'dumb';
  return {
    environment: { ...readDotEnv(), ...env },
    directory: process.cwd(),
    stdin,
    interrupted: interruption.signal,
    terminal: {
      out: (text) => void stdout.write(text),
      err: (text) => void stderr.write(text),
      live: stdout.isTTY === true && stderr.isTTY === true && !dumb,
      get columns() {
        return stdout.columns || 80;
      },
      colour: stdout.isTTY === true && !dumb && !env['NO_COLOR'],
    },
  };
}

/** The `.env` of this installation, which its service reads too; never one of the current directory. */
function readDotEnv(): Record<string, string | undefined> {
  const path = fileURLToPath(new URL('../../.env', import.meta.url));
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
}

function leaveAtBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}
