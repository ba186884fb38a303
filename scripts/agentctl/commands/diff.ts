import type { Command } from 'commander';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import type { Palette } from '../render/palette.ts';
import { printable } from '../render/text.ts';

export function addDiff(program: Command, run: Runner): void {
  program
    .command('diff')
    .argument('<id>', 'the task')
    .summary('show what a task changed')
    .description('Show what a task changed, as a unified diff that git apply reads.')
    .addHelpText(
      'before',
      'Examples:\n  agentctl diff ID\n  agentctl diff ID | git apply --check\n',
    )
    .action((taskId: string, _flags: object, command: Command) =>
      run(command, (context) => diff(context, taskId)),
    );
}

async function diff(context: Context, taskId: string): Promise<ExitCode> {
  const text = await context.client.diffTask(taskId);
  const { terminal, palette } = context;
  if (context.json) terminal.out(`${JSON.stringify({ task_id: taskId, diff: text })}\n`);
  else if (text === '') terminal.err('the task changed nothing\n');
  // A pipe gets every byte as it is; a terminal nothing that could steer it.
  else terminal.out(terminal.live ? `${painted(text, palette).join('\n')}\n` : text);
  return EXIT.done;
}

function painted(text: string, palette: Palette): string[] {
  return printable(text)
    .trimEnd()
    .split('\n')
    .map((line) => {
      if (/^(diff|index|---|\+\+\+|(new|old|deleted) )/.test(line)) return palette.bold(line);
      if (line.startsWith('@@')) return palette.cyan(line);
      if (line.startsWith('+')) return palette.green(line);
      return line.startsWith('-') ? palette.red(line) : line;
    });
}
