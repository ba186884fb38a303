import { randomUUID } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LANGUAGES } from '../../../lib/task/payload.ts';
import { toComplaint } from '../complaint.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { followToEnd } from '../follow.ts';
import { type PayloadFlags, readPayload } from '../readPayload.ts';
import { seedExample } from '../seedExample.ts';

interface SubmitFlags extends PayloadFlags {
  wait?: boolean;
  follow?: boolean;
  timeout?: number;
  dryRun?: boolean;
  idempotencyKey?: string;
}

const EXAMPLES = `Examples:
  agentctl submit examples/python-roman-numerals.json --follow
  agentctl submit --goal "Fix the rounding of prices" --repo ./workspace/shop --language java --wait --timeout 10m
  jq '.input.goal = "Add tests"' payload.json | agentctl submit - --json
`;

export function addSubmit(program: Command, run: Runner): void {
  program
    .command('submit')
    .argument('[file]', 'a payload (JSON), or - for standard input')
    .summary('hand in a task')
    .description('Hand in a task: a payload file, or a goal in words. Flags win over the file.')
    .addHelpText('before', EXAMPLES)
    .option('--goal <text>', 'what is to be done')
    .addOption(new Option('--language <language>', 'of the code').choices(LANGUAGES))
    .option('--repo <path>', 'the code, below WORKSPACE_ROOT (default: the current directory)')
    .addOption(
      new Option('--repo-url <url>', 'the code, on a Git server that REPO_HOSTS allows').conflicts(
        'repo',
      ),
    )
    .option('--ref <ref>', 'its branch, tag or commit (default: the main branch)')
    .option('--expect <file...>', 'files that the result must have')
    .option('--apply', 'write the result into the workspace even when it is not fully verified')
    .option('--wait', 'wait for the end')
    .option('--follow', 'show every step until the end')
    .option('--timeout <time>', 'wait no longer than this (90, 90s, 10m, 1h)', parseDuration)
    .option('--dry-run', 'only have the payload checked; shows it with every default filled in')
    .option('--idempotency-key <key>', 'repeat an earlier submit safely (default: a new one)')
    .action((file: string | undefined, flags: SubmitFlags, command: Command) =>
      run(command, (context) => submit(context, file, flags)),
    );
}

async function submit(
  context: Context,
  file: string | undefined,
  flags: SubmitFlags,
): Promise<ExitCode> {
  const payload = await readPayload(context, file, flags);
  if (flags.dryRun === true) return dryRun(context, payload);
  seedExample(context, file, payload);
  const key = flags.idempotencyKey ?? randomUUID();
  context.terminal.err(`idempotency key  ${key}\n`);
  const taskId = await send(context, { payload, key, quiet: isWaiting(flags) && context.json });
  if (!isWaiting(flags)) {
    context.terminal.err(`next: agentctl watch ${taskId}\n`);
    return EXIT.done;
  }
  const show = flags.follow === true ? 'events' : 'end';
  return followToEnd(context, { taskId, after: 0, show, timeoutMs: flags.timeout });
}

async function dryRun(context: Context, payload: unknown): Promise<ExitCode> {
  const answer = await context.client.submitTask(payload, { dryRun: true });
  context.terminal.err('the service would take this payload; nothing was submitted\n');
  context.terminal.out(`${JSON.stringify(answer.payload, null, context.json ? 0 : 2)}\n`);
  return EXIT.done;
}

async function send(
  context: Context,
  { payload, key, quiet }: { payload: unknown; key: string; quiet: boolean },
): Promise<string> {
  try {
    const options = { idempotencyKey: key, signal: context.host.interrupted };
    const { task_id, status, links, replayed } = await context.client.submitTask(payload, options);
    if (replayed) context.terminal.err('this key was used before: the first answer is shown\n');
    if (context.json && !quiet) {
      const answer = { task_id, status, links, replayed, idempotency_key: key };
      context.terminal.out(`${JSON.stringify(answer)}\n`);
    } else if (!context.json) context.terminal.out(`${task_id}\n`);
    return task_id;
  } catch (error) {
    const retry = `the same submit with --idempotency-key ${key} (never makes a second task)`;
    if (!context.host.interrupted.aborted) throw toComplaint(error, retry);
    context.terminal.err(`interrupted before the answer came\n  next: ${retry}\n`);
    throw error;
  }
}

function isWaiting({ wait, follow, timeout }: SubmitFlags): boolean {
  return wait === true || follow === true || timeout !== undefined;
}

const UNITS_MS = { '': 1_000, s: 1_000, m: 60_000, h: 3_600_000 } as const;
/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds of `90`, `90s`, `1.5m` or `2h`. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|)$/.exec(text);
  const unit = (['', 's', 'm', 'h'] as const).find((name) => name === match?.[2]);
  const ms = Number(match?.[1]) * UNITS_MS[unit ?? 's'];
  if (match !== null && ms > 0 && ms <= LONGEST_MS) return ms;
  throw new InvalidArgumentError('Use seconds, or a number with s, m or h: 90, 90s, 10m, 1h.');
}
