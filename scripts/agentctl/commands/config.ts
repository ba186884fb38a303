import type { Command } from 'commander';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { table } from '../render/text.ts';

const EXAMPLES = `Examples:
  agentctl config                    what this command uses, and where it comes from
  agentctl config --service          every variable of the service, its default and meaning
`;

export function addConfig(program: Command, run: Runner): void {
  program
    .command('config')
    .summary('show the settings and where they come from')
    .description(
      'Show the settings and where they come from. Order: config file, environment, flags.',
    )
    .addHelpText('before', EXAMPLES)
    .option('--service', 'the variables of the service instead')
    .action(({ service }: { service?: boolean }, command: Command) =>
      run(command, (context) => (service === true ? showService(context) : showOwn(context))),
    );
}

async function showOwn({ settings, terminal, json }: Context): Promise<ExitCode> {
  const { url, apiKey, file } = settings.sources;
  const shown = {
    url: { value: settings.url, source: url.source },
    api_key: { value: masked(apiKey.value), source: apiKey.source },
    config_file: { value: file.value, source: file.source },
  };
  const rows = Object.entries(shown).map(([name, { value, source }]) => [
    name,
    value ?? '-',
    source,
  ]);
  terminal.out(`${json ? JSON.stringify(shown) : table(rows).join('\n')}\n`);
  return EXIT.done;
}

async function showService({ terminal, json }: Context): Promise<ExitCode> {
  const { listVariables } = await import('../listVariables.ts');
  const variables = listVariables();
  const rows = variables.map(({ name, fallback, meaning }) => [name, fallback ?? '-', meaning]);
  const text = json
    ? JSON.stringify(variables)
    : table([['VARIABLE', 'DEFAULT', 'MEANING'], ...rows]).join('\n');
  terminal.out(`${text}\n`);
  return EXIT.done;
}

/** Enough to tell keys apart, not enough to use one. */
function masked(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  return key.length < 12 ? '(set)' : `${key.slice(0, 3)}…`;
}
