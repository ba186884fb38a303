import { type Command, Option } from 'commander';
import type { ListedModel } from '../../../lib/task/answers.ts';
import { LANGUAGES } from '../../../lib/task/payload.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import type { Terminal } from '../host.ts';
import { fold } from '../render/fold.ts';
import { modelLabel } from '../render/modelLabel.ts';
import { oneLine, table } from '../render/text.ts';
import { addPull } from './pullModel.ts';
import { addRuntime } from './runtime.ts';
import { addVerify } from './verifyModels.ts';

interface ModelsFlags {
  fits?: boolean;
  language?: string;
}

const EXAMPLES = `Examples:
  agentctl models                    all that are known, and why some cannot be used
  agentctl models --fits --language java
  agentctl models pull qwen2.5-coder-7b
`;

export function addModels(program: Command, run: Runner): void {
  const command = program
    .command('models')
    .summary('show the models and whether they fit')
    .description('Show the models that the live workers know, and whether they fit.')
    .addHelpText('before', EXAMPLES)
    .option('--fits', 'only those that can be used now, or would run here')
    .addOption(new Option('--language <language>', 'for this language').choices(LANGUAGES))
    .action((flags: ModelsFlags, self: Command) => run(self, (context) => models(context, flags)));
  addPull(command, run);
  addVerify(command, run);
  addRuntime(command, run);
}

async function models(context: Context, { fits, language }: ModelsFlags): Promise<ExitCode> {
  const all = await context.client.listModels({ language, all: true });
  const answer = fits === true ? { ...all, data: all.data.filter(isWithinReach) } : all;
  if (context.json) {
    context.terminal.out(`${JSON.stringify(answer)}\n`);
    return EXIT.done;
  }
  const { terminal } = context;
  if (answer.data.length > 0) terminal.out(`${modelLines(answer.data, terminal).join('\n')}\n`);
  for (const { server, problem } of answer.troubles) {
    terminal.err(`${server} is not used: ${oneLine(problem, 240)}\n`);
  }
  if (answer.workers_alive === 0) {
    context.terminal.err('no worker is alive\n  next: agentctl doctor\n');
  } else if (!answer.data.some(({ llm, eligible }) => llm && eligible)) {
    context.terminal.err(
      'no language model can be used: only skeletons or scripted answers come back\n' +
        `  next: ${nextStep(answer.data)}\n`,
    );
  }
  return EXIT.done;
}

/** The best of what fits here comes first; what needs no other program to be installed goes before the rest. */
function nextStep(models: readonly ListedModel[]): string {
  const commands = models.flatMap(({ served, fits, get }) => (!served && fits ? (get ?? []) : []));
  const best = commands.find((command) => command.startsWith('npx agentctl')) ?? commands[0];
  const orServe = 'start a model server on this machine, or name one in MODEL_SERVERS';
  return best === undefined ? orServe : `${best}   (or ${orServe})`;
}

/** Usable now, or one command away from it. */
function isWithinReach({ eligible, served, fits }: ListedModel): boolean {
  return eligible || (!served && fits === true);
}

/** As wide as what stands before the name of a model. */
const BELOW_NAME = 11;

/** One row for each model; on a screen that is too narrow for it, the end of the row stands below. */
export function modelLines(
  models: readonly ListedModel[],
  screen: Pick<Terminal, 'live' | 'columns'> = { live: false, columns: 0 },
): string[] {
  const whole = table([
    [...HEADINGS, 'LICENCE', 'WHY NOT'],
    ...models.map((model) => [...cells(model), model.licence, whyNot(model)]),
  ]);
  if (!screen.live || whole.every((row) => row.length < screen.columns)) return whole;
  const [headings = '', ...rows] = table([HEADINGS, ...models.map(cells)]);
  const below = models.map((model) => {
    const told = [model.licence, whyNot(model)].filter((part) => part !== '').join(' · ');
    return fold(`${' '.repeat(BELOW_NAME)}${told}`, screen.columns, BELOW_NAME);
  });
  return [headings, ...rows.flatMap((row, at) => [row, below[at] ?? ''])];
}

const HEADINGS = ['USE', 'FITS', 'MODEL', 'CONTEXT', 'SIZE', 'NEEDS', 'SPEED'];

function cells(model: ListedModel): string[] {
  const provider = model.served ? model.provider : 'not served';
  return [
    model.eligible ? 'yes' : 'no',
    fitsWord(model),
    modelLabel({ ...model, model: model.id, provider }),
    model.context_tokens.toLocaleString('en'),
    model.file_bytes === null ? '-' : `${(model.file_bytes / 1e9).toFixed(1)} GB`,
    model.memory_needed_mib === null ? '-' : `${(model.memory_needed_mib / 1_024).toFixed(1)} GiB`,
    model.tokens_per_second === null ? '-' : `${model.tokens_per_second} tok/s`,
  ];
}

function fitsWord({ fits, llm }: ListedModel): string {
  if (!llm) return '-';
  return { true: 'yes', false: 'no', null: '?' }[`${fits}`];
}

/** What fits and is not served is one command away. */
function whyNot({ reasons, served, fits, get }: ListedModel): string {
  const why = oneLine(reasons.join('; '), 240);
  return !served && fits === true && get !== null ? `${why}: ${get}` : why;
}
