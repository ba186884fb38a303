import { type Command, Option } from 'commander';
import type { ListedModel } from '../../../lib/task/answers.ts';
import { LANGUAGES } from '../../../lib/task/payload.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { modelLabel } from '../render/modelLabel.ts';
import { oneLine, table } from '../render/text.ts';
import { addPull } from './pullModel.ts';

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
    .option('--fits', 'only those that can be used now')
    .addOption(new Option('--language <language>', 'for this language').choices(LANGUAGES))
    .action((flags: ModelsFlags, self: Command) => run(self, (context) => models(context, flags)));
  addPull(command, run);
}

async function models(context: Context, { fits, language }: ModelsFlags): Promise<ExitCode> {
  const answer = await context.client.listModels({ language, all: fits !== true });
  if (context.json) {
    context.terminal.out(`${JSON.stringify(answer)}\n`);
    return EXIT.done;
  }
  if (answer.data.length > 0) context.terminal.out(`${modelLines(answer.data).join('\n')}\n`);
  if (answer.workers_alive === 0) {
    context.terminal.err('no worker is alive\n  next: agentctl doctor\n');
  } else if (!answer.data.some(({ llm, eligible }) => llm && eligible)) {
    context.terminal.err(
      'no language model can be used: only skeletons or scripted answers come back\n' +
        '  next: start an OpenAI-compatible server on this machine, or name it in MODEL_SERVERS\n',
    );
  }
  return EXIT.done;
}

export function modelLines(models: readonly ListedModel[]): string[] {
  const rows = models.map((model) => [
    model.eligible ? 'yes' : 'no',
    modelLabel({ ...model, model: model.id }),
    model.context_tokens.toLocaleString('en'),
    model.file_bytes === null ? '-' : `${(model.file_bytes / 1e9).toFixed(1)} GB`,
    model.licence,
    oneLine(model.reasons.join('; '), 120),
  ]);
  return table([['FITS', 'MODEL', 'CONTEXT', 'SIZE', 'LICENCE', 'WHY NOT'], ...rows]);
}
