import type { Command } from 'commander';
import type { Context, Runner } from '../context.ts';
import type { Check } from '../doctor/check.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import type { Palette } from '../render/palette.ts';
import { printable, table } from '../render/text.ts';

const EXAMPLES = `Examples:
  agentctl doctor
  agentctl doctor --json | jq '.checks[] | select(.level != "OK")'
`;

export function addDoctor(program: Command, run: Runner): void {
  program
    .command('doctor')
    .summary('find out what works here, by trying it')
    .description('Find out what works on this machine, by trying it; every finding with its fix.')
    .addHelpText('before', EXAMPLES)
    .action((_flags: object, command: Command) => run(command, doctor));
}

async function doctor(context: Context): Promise<ExitCode> {
  // Loaded here only: it brings the whole service along, which no other command needs.
  const { examine } = await import('../doctor/examine.ts');
  const checks = await examine(context);
  const failed = checks.some(({ level }) => level === 'FAIL');
  const text = context.json
    ? JSON.stringify({ ok: !failed, checks })
    : checkLines(checks, context.palette).join('\n');
  context.terminal.out(`${text}\n`);
  return failed ? EXIT.unexpected : EXIT.done;
}

/** One line a check, and its fix below it. */
export function checkLines(checks: readonly Check[], palette: Palette): string[] {
  const paints = { OK: palette.green, WARN: palette.yellow, FAIL: palette.red };
  const rows = table(checks.map(({ level, area, detail }) => [level, area, printable(detail)]));
  return checks.flatMap(({ level, fix }, at) => {
    const row = rows[at] ?? '';
    const painted = paints[level](level) + row.slice(level.length);
    return fix === undefined ? [painted] : [painted, `      fix: ${printable(fix)}`];
  });
}
