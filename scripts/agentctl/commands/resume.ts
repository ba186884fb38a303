import { type Command, Option } from 'commander';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';

interface ResumeFlags {
  from: 'journal' | 'start';
}

export function addResume(program: Command, run: Runner): void {
  program
    .command('resume')
    .argument('<id>', 'the task')
    .summary('let a failed or cancelled task go on')
    .description('Let a failed or cancelled task go on; finished steps are not paid for twice.')
    .addHelpText('before', 'Examples:\n  agentctl resume ID\n  agentctl resume ID --from start\n')
    .addOption(
      new Option('--from <place>', 'keep the finished steps, or drop them')
        .choices(['journal', 'start'])
        .default('journal'),
    )
    .action((taskId: string, flags: ResumeFlags, command: Command) =>
      run(command, (context) => resume(context, taskId, flags)),
    );
}

async function resume(context: Context, taskId: string, { from }: ResumeFlags): Promise<ExitCode> {
  const answer = await context.client.resumeTask(taskId, { from });
  context.terminal.out(`${context.json ? JSON.stringify(answer) : answer.status}\n`);
  context.terminal.err(`next: agentctl watch ${taskId}\n`);
  return EXIT.done;
}
