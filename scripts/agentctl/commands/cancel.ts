import type { Command } from 'commander';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';

export function addCancel(program: Command, run: Runner): void {
  program
    .command('cancel')
    .argument('<id>', 'the task')
    .summary('stop a task')
    .description('Stop a task. It is cancelled when none of its processes is left.')
    .addHelpText('before', 'Examples:\n  agentctl cancel ID\n')
    .action((taskId: string, _flags: object, command: Command) =>
      run(command, (context) => cancel(context, taskId)),
    );
}

async function cancel(context: Context, taskId: string): Promise<ExitCode> {
  const answer = await context.client.cancelTask(taskId);
  context.terminal.out(`${context.json ? JSON.stringify(answer) : answer.status}\n`);
  const next = answer.status === 'cancelling' ? 'watch' : 'resume';
  context.terminal.err(`next: agentctl ${next} ${taskId}\n`);
  return EXIT.done;
}
