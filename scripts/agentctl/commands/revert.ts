import { type Command, Option } from 'commander';
import type { Context, Runner } from '../context.ts';
import type { ExitCode } from '../exitCode.ts';
import { DEFAULT_PATIENCE_MS, followPatch } from '../followPatch.ts';
import { parseDuration } from './submit.ts';

export function addRevert(program: Command, run: Runner): void {
  program
    .command('revert')
    .argument('<id>', 'the task')
    .summary("take a task's result out of the workspace again")
    .description(
      'Bring the files back byte for byte, all or nothing; refused when they changed since.',
    )
    .addHelpText('before', 'Examples:\n  agentctl revert ID\n')
    .addOption(
      new Option('--timeout <time>', 'wait no longer than this')
        .argParser(parseDuration)
        .default(DEFAULT_PATIENCE_MS, `${DEFAULT_PATIENCE_MS / 1_000}s`),
    )
    .action((taskId: string, flags: { timeout: number }, command: Command) =>
      run(command, (context) => revert(context, taskId, flags.timeout)),
    );
}

async function revert(context: Context, taskId: string, timeoutMs: number): Promise<ExitCode> {
  return followPatch(context, await context.client.revertTask(taskId), timeoutMs);
}
