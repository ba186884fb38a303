import type { Complaint } from './complaint.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import type { Host } from './host.ts';
import { oneLine, printable } from './render/text.ts';

/** Says on stderr what went wrong, and what to do; the answer is what the shell is told. */
export function complain(
  { terminal }: Host,
  { what, why, next, exit }: Complaint,
  json: boolean,
): ExitCode {
  if (json) {
    terminal.err(asJson({ what, why, next, exit }));
    return exit;
  }
  const reasons = why.map((reason) => `  why: ${printable(reason)}\n`).join('');
  terminal.err(`error: ${oneLine(what, 500)}\n${reasons}  next: ${next}\n`);
  return exit;
}

/** The parser's own words say what and why already; what helps is the help of the command that was meant. */
export function usageError(text: string, argv: readonly string[], commands: string[]): string {
  const command = argv.find((word) => commands.includes(word));
  const next = command === undefined ? 'agentctl --help' : `agentctl ${command} --help`;
  const what = printable(text).trim();
  if (!argv.includes('--json')) return `${what}\n  next: ${next}\n`;
  return asJson({ what: what.replace(/^error: /, ''), why: [], next, exit: EXIT.usage });
}

function asJson(error: Pick<Complaint, 'what' | 'why' | 'next' | 'exit'>): string {
  return `${JSON.stringify({ error })}\n`;
}
