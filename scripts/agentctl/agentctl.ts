import { Command, CommanderError, Option } from 'commander';
import { createClient } from '../../lib/client/createClient.ts';
import type { Fetch } from '../../lib/client/transport.ts';
import { addApply } from './commands/apply.ts';
import { addAudit } from './commands/audit.ts';
import { addBench } from './commands/bench.ts';
import { addCache } from './commands/cache.ts';
import { addCancel } from './commands/cancel.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addDiff } from './commands/diff.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { addFeedback } from './commands/feedback.ts';
import { addList } from './commands/list.ts';
import { addModels } from './commands/models.ts';
import { addResume } from './commands/resume.ts';
import { addRevert } from './commands/revert.ts';
import { addStatus } from './commands/status.ts';
import { addSubmit } from './commands/submit.ts';
import { addWatch } from './commands/watch.ts';
import { complain, usageError } from './complain.ts';
import { toComplaint } from './complaint.ts';
import type { Context, Runner } from './context.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import type { Host } from './host.ts';
import { choosePalette } from './render/palette.ts';
import { readSettings } from './settings.ts';
import { readStdin } from './stdin.ts';
import { version } from './version.ts';

/** Runs one command; the answer is what the shell is told. Never throws. */
export async function runAgentctl(argv: readonly string[], host: Host): Promise<number> {
  let exit: ExitCode = EXIT.done;
  const program = buildProgram(host, async (command, work) => {
    const context = await openContext(host, command.optsWithGlobals<GlobalFlags>());
    exit = await work(context);
  });
  tellUsageErrors(program, host, argv);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (host.interrupted.aborted) return EXIT.detached;
    return complain(host, toComplaint(error), argv.includes('--json'));
  }
}

/** Each command has an output of its own once it is made. */
function tellUsageErrors(program: Command, { terminal }: Host, argv: readonly string[]): void {
  const names = program.commands.map((command) => command.name());
  const outputError = (text: string) => terminal.err(usageError(text, argv, names));
  const all = [
    program,
    ...program.commands,
    ...program.commands.flatMap(({ commands }) => commands),
  ];
  for (const command of all) command.configureOutput({ outputError });
}

interface GlobalFlags {
  url?: string;
  apiKeyFile?: string;
  json?: boolean;
  color: boolean;
}

const EXAMPLES = `Examples:
  agentctl submit examples/python-roman-numerals.json --follow
  agentctl submit --goal "Add a retry to the client" --repo ./workspace/shop --wait
  agentctl list --status running
  agentctl watch 01978f3e-1111-7abc-8def-0123456789ab
  agentctl models --fits
  agentctl doctor
`;

const ENVIRONMENT = `
Environment: AGENTCTL_URL (http://127.0.0.1:8080), AGENTCTL_API_KEY or API_KEY, NO_COLOR.
Exit codes: 0 done (with --wait: verified), 1 unexpected, 2 usage, 3 task failed or refuted, 4 key refused,
  5 not found, 6 finished but not fully verified, 7 service unreachable, 8 refused or queue full, 124 --timeout,
  130 Ctrl-C (the task goes on).`;

export function buildProgram(host: Host, run: Runner): Command {
  const program = new Command('agentctl')
    .description('Hand coding tasks to the service, watch them, and see what was proved.')
    .version(version(), '--version', 'print the version')
    .option('--url <url>', 'address of the service')
    .option('--api-key-file <path>', 'file that holds the key; - is stdin')
    .option('--json', 'data as JSON, streams as one JSON object a line')
    .addOption(new Option('--no-color', 'no colours'))
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', ENVIRONMENT);
  // Before the commands are added: they inherit these when they are made.
  program.exitOverride().configureOutput({
    writeOut: host.terminal.out,
    writeErr: host.terminal.err,
    getOutHelpWidth: () => host.terminal.columns,
    getErrHelpWidth: () => host.terminal.columns,
  });
  for (const add of COMMANDS) add(program, run);
  return program;
}

const COMMANDS = [
  addSubmit,
  addList,
  addStatus,
  addWatch,
  addCancel,
  addResume,
  addDiff,
  addApply,
  addRevert,
  addExplain,
  addAudit,
  addFeedback,
  addModels,
  addCache,
  addDoctor,
  addBench,
  addConfig,
  addCompletion,
];

async function openContext(host: Host, flags: GlobalFlags): Promise<Context> {
  const readInput = () => readStdin(host);
  const settings = await readSettings(host, flags, readInput);
  return {
    host,
    terminal: host.terminal,
    palette: choosePalette(host.terminal.colour && flags.color),
    settings,
    client: createClient({ ...settings, fetch: interruptible(host.interrupted) }),
    json: flags.json === true,
    readStdin: readInput,
  };
}

/** Ctrl-C ends every call, not only those that were given a signal of their own. */
function interruptible(interrupted: AbortSignal): Fetch {
  return (url, init) => {
    const signal = init.signal ? AbortSignal.any([init.signal, interrupted]) : interrupted;
    return fetch(url, { ...init, signal });
  };
}
