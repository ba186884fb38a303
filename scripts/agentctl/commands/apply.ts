import { type Command, Option } from 'commander';
import type { Context, Runner } from '../context.ts';
import type { ExitCode } from '../exitCode.ts';
import { DEFAULT_PATIENCE_MS, followPatch } from '../followPatch.ts';
import { parseDuration } from './submit.ts';

interface ApplyFlags {
  check?: boolean;
  timeout: number;
}

const EXAMPLES = `Examples:
  agentctl apply ID
  agentctl apply ID --check        only tell whether it would go in
`;

export function addApply(program: Command, run: Runner): void {
  program
    .command('apply')
    .argument('<id>', 'the task')
    .summary("put a task's result into the workspace")
    .description(
      "Put a task's result into the workspace, all or nothing; refused when the files changed meanwhile.",
    )
    .addHelpText('before', EXAMPLES)
    .option('--check', 'write nothing, only name what is in the way')
    .addOption(
      new Option('--timeout <time>', 'wait no longer than this')
        .argParser(parseDuration)
        .default(DEFAULT_PATIENCE_MS, `${DEFAULT_PATIENCE_MS / 1_000}s`),
    )
    .action((taskId: string, flags: ApplyFlags, command: Command) =>
      run(command, (context) => apply(context, taskId, flags)),
    );
}

async function apply(context: Context, taskId: string, flags: ApplyFlags): Promise<ExitCode> {
  const { check, timeout: timeoutMs } = flags;
  return followPatch(context, await context.client.applyTask(taskId, { check }), timeoutMs);
}
