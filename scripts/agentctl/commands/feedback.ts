import { type Command, InvalidArgumentError, Option } from 'commander';
import { flawWords } from '../../../lib/kernel/flawWords.ts';
import { parseTaskId } from '../../../lib/kernel/ids.ts';
import { FeedbackBody } from '../../../lib/task/feedback.ts';
import { usage } from '../complaint.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { readJsonObject } from '../readPayload.ts';

interface FeedbackFlags {
  accept?: boolean;
  reject?: boolean;
  edited?: boolean;
  rating?: number;
  comment?: string;
  tag?: string[];
}

const EXAMPLES = `Examples:
  agentctl feedback ID --accept --rating 5
  agentctl feedback ID --reject --comment "The rounding is still wrong for 0.5"
  agentctl feedback feedback.json
`;

export function addFeedback(program: Command, run: Runner): void {
  program
    .command('feedback')
    .argument('<id|file>', 'the task, or a file with the whole feedback; - for standard input')
    .summary('say what became of a result')
    .description('Say what became of a result: accepted, rejected, or used after edits.')
    .addHelpText('before', EXAMPLES)
    .addOption(new Option('--accept', 'it was used as it is').conflicts(['reject', 'edited']))
    .addOption(new Option('--reject', 'it was not used').conflicts(['accept', 'edited']))
    .addOption(new Option('--edited', 'it was used after edits').conflicts(['accept', 'reject']))
    .option('--rating <n>', '1 (bad) to 5 (good)', parseRating)
    .option('--comment <text>', 'in your words')
    .option('--tag <tag...>', 'short words to find it by')
    .action((target: string, flags: FeedbackFlags, command: Command) =>
      run(command, (context) => feedback(context, target, flags)),
    );
}

async function feedback(context: Context, target: string, flags: FeedbackFlags): Promise<ExitCode> {
  const outcome = outcomeOf(flags);
  const body =
    parseTaskId(target) === undefined && outcome === undefined
      ? await bodyFromFile(context, target)
      : bodyFromFlags(target, outcome, flags);
  const answer = await context.client.sendFeedback(body);
  context.terminal.out(`${context.json ? JSON.stringify(answer) : answer.feedback_id}\n`);
  return EXIT.done;
}

function outcomeOf({ accept, reject, edited }: FeedbackFlags): FeedbackBody['outcome'] | undefined {
  if (accept === true) return 'accepted';
  if (reject === true) return 'rejected';
  return edited === true ? 'edited' : undefined;
}

function bodyFromFlags(
  taskId: string,
  outcome: FeedbackBody['outcome'] | undefined,
  { rating, comment, tag }: FeedbackFlags,
): FeedbackBody {
  if (outcome === undefined) {
    throw usage(
      'the feedback says nothing yet',
      'one of --accept, --reject and --edited is needed',
      `agentctl feedback ${taskId} --accept`,
    );
  }
  return {
    task_id: taskId,
    outcome,
    ...(rating === undefined ? {} : { rating }),
    ...(comment === undefined ? {} : { comment }),
    ...(tag === undefined ? {} : { tags: tag }),
  };
}

async function bodyFromFile(context: Context, file: string): Promise<FeedbackBody> {
  const parsed = FeedbackBody.safeParse(await readJsonObject(context, file), { error: flawWords });
  if (parsed.success) return parsed.data;
  const flaws = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw usage(`${file} is no feedback`, flaws.join('; '), 'agentctl feedback --help');
}

function parseRating(text: string): number {
  if (/^[1-5]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 1 to 5.');
}
