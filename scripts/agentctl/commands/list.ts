import { type Command, InvalidArgumentError, Option } from 'commander';
import { LANGUAGES } from '../../../lib/task/payload.ts';
import { TaskStatus } from '../../../lib/task/state.ts';
import { VerdictName } from '../../../lib/task/verdict.ts';
import type { TaskSummary } from '../../../lib/task/view.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { duration, oneLine, table } from '../render/text.ts';

interface ListFlags {
  status?: TaskStatus;
  verdict?: VerdictName;
  language?: string;
  limit: number;
  cursor?: string;
}

const DEFAULT_LIMIT = 20;

const EXAMPLES = `Examples:
  agentctl list
  agentctl list --status running --limit 5
  agentctl list --verdict refuted --json | jq -r '.data[].task_id'
`;

export function addList(program: Command, run: Runner): void {
  program
    .command('list')
    .summary('show the tasks, newest first')
    .description('Show the tasks, newest first.')
    .addHelpText('before', EXAMPLES)
    .addOption(new Option('--status <status>', 'only these').choices(TaskStatus.options))
    .addOption(new Option('--verdict <verdict>', 'only these').choices(VerdictName.options))
    .addOption(new Option('--language <language>', 'only these').choices(LANGUAGES))
    .option('--limit <n>', 'at most this many, 1 to 100', parseLimit, DEFAULT_LIMIT)
    .option('--cursor <cursor>', 'the next page: the cursor that the last one ended with')
    .action((flags: ListFlags, command: Command) =>
      run(command, (context) => list(context, flags)),
    );
}

async function list(context: Context, flags: ListFlags): Promise<ExitCode> {
  const { status, verdict, language, limit, cursor } = flags;
  const page = await context.client.listTasks({ status, verdict, language, limit, cursor });
  if (context.json) {
    context.terminal.out(`${JSON.stringify(page)}\n`);
    return EXIT.done;
  }
  if (page.data.length === 0) context.terminal.err('no tasks; next: agentctl submit --help\n');
  else context.terminal.out(`${listLines(page.data, Date.now()).join('\n')}\n`);
  if (page.next_cursor !== null) {
    context.terminal.err(`more: ${commandOf({ ...flags, cursor: page.next_cursor })}\n`);
  }
  return EXIT.done;
}

/** The same question, from another page on. */
function commandOf({ limit, ...flags }: ListFlags): string {
  const asked = { ...flags, ...(limit === DEFAULT_LIMIT ? {} : { limit }) };
  const words = Object.entries(asked).map(([name, value]) => `--${name} ${value}`);
  return ['agentctl list', ...words].join(' ');
}

/** The tasks as a table; `nowMs` is what their age counts from. */
export function listLines(tasks: readonly TaskSummary[], nowMs: number): string[] {
  const rows = tasks.map((task) => [
    task.task_id,
    task.status,
    task.verdict?.name ?? task.failure?.code ?? '-',
    task.language,
    duration(nowMs - Date.parse(task.submitted_at)),
    oneLine(task.goal, 60),
  ]);
  return table([['TASK', 'STATUS', 'VERDICT', 'LANGUAGE', 'AGE', 'GOAL'], ...rows]);
}

function parseLimit(text: string): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 100) return limit;
  throw new InvalidArgumentError('Use a number from 1 to 100.');
}
