import { type Command, InvalidArgumentError } from 'commander';
import type { Runner } from '../context.ts';
import { followToEnd } from '../follow.ts';
import { parseDuration } from './submit.ts';

interface WatchFlags {
  after: number;
  timeout?: number;
}

const EXAMPLES = `Examples:
  agentctl watch ID                  from the first event, also after the end
  agentctl watch ID --after 12       from event 13 on
  agentctl watch ID --json | jq -c 'select(.type == "oracle.finished")'
`;

export function addWatch(program: Command, run: Runner): void {
  program
    .command('watch')
    .argument('<id>', 'the task')
    .summary('show every step of a task, live')
    .description('Show every step of a task until its end. Ctrl-C leaves; the task goes on.')
    .addHelpText('before', EXAMPLES)
    .option('--after <n>', 'only events after this number', parseCursor, 0)
    .option('--timeout <time>', 'watch no longer than this (90, 90s, 10m, 1h)', parseDuration)
    .action((taskId: string, { after, timeout }: WatchFlags, command: Command) =>
      run(command, (context) =>
        followToEnd(context, { taskId, after, show: 'events', timeoutMs: timeout }),
      ),
    );
}

function parseCursor(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(
    'Use the number of the last event that you have seen: 0, 1, 2 ...',
  );
}
