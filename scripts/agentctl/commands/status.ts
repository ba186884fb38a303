import type { Command } from 'commander';
import type { TaskView } from '../../../lib/task/view.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { foldAll } from '../render/fold.ts';
import { line } from '../render/line.ts';
import type { Palette } from '../render/palette.ts';
import { taskReport } from '../render/taskReport.ts';
import { count, duration } from '../render/text.ts';

export function addStatus(program: Command, run: Runner): void {
  program
    .command('status')
    .argument('<id>', 'the task')
    .summary('show a task: status, verdict, proof, files')
    .description('Show a task: status, verdict, what proves it, files and the next command.')
    .addHelpText(
      'before',
      'Examples:\n  agentctl status ID\n  agentctl status ID --json | jq .verdict\n',
    )
    .action((taskId: string, _flags: object, command: Command) =>
      run(command, (context) => status(context, taskId)),
    );
}

async function status(context: Context, taskId: string): Promise<ExitCode> {
  const task = await context.client.getTask(taskId);
  const text = context.json
    ? JSON.stringify(task)
    : foldAll(
        taskReport(task, context.palette, stepLines(task, context.palette)),
        context.terminal,
      );
  context.terminal.out(`${text}\n`);
  return EXIT.done;
}

function stepLines({ steps }: TaskView, palette: Palette): string[] {
  return steps.map(({ key, ms, tokens }) =>
    line(
      palette.dim,
      'step',
      `${key} · ${duration(ms)}${tokens > 0 ? ` · ${count(tokens, 'token')}` : ''}`,
    ),
  );
}
