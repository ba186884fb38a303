import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { execa } from 'execa';
import { loadConfig } from '../../../lib/config/config.ts';
import { type CacheLanguage, type Recipe, recipeFor } from '../cache/recipes.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';

const EXAMPLES = `Examples:
  agentctl cache warm --language java                       Maven's plugins, JUnit 5
  agentctl cache warm --language java --project ./shop      what this pom.xml needs
  agentctl cache warm --language go                         the compiled standard library
`;

const LANGUAGES = ['java', 'python', 'node', 'go', 'rust'] as const satisfies CacheLanguage[];

interface WarmFlags {
  language: CacheLanguage;
  project?: string;
}

export function addCache(program: Command, run: Runner): void {
  const cache = program
    .command('cache')
    .summary('fetch dependencies, which tasks then find without a network')
    .description(
      'Fetch dependencies into AGENT_HOME/caches: tasks see them read-only, and no network.',
    );
  cache
    .command('warm')
    .summary('fetch, with the network of this machine')
    .description(
      'Fetch what a project needs, or without one what every project does. Runs the tools of this machine outside of the sandbox, in a copy of the files that name dependencies.',
    )
    .addHelpText('before', EXAMPLES)
    .addOption(
      new Option('--language <language>', 'of the project')
        .choices(LANGUAGES)
        .makeOptionMandatory(),
    )
    .option(
      '--project <folder>',
      'with pom.xml, requirements.txt, package-lock.json, go.mod or Cargo.toml',
    )
    .action((flags: WarmFlags, command: Command) =>
      run(command, (context) => warm(context, flags)),
    );
}

async function warm(context: Context, { language, project }: WarmFlags): Promise<ExitCode> {
  const { terminal, host } = context;
  const caches = join(loadConfig(host.environment).agentHome, 'caches');
  const recipe = recipeFor(language, { caches, ofProject: project !== undefined });
  const [wanted = ''] = recipe.wants;
  const from = project === undefined ? undefined : resolve(host.directory, project);
  if (
    from === undefined ? Object.keys(recipe.starter).length === 0 : !existsSync(join(from, wanted))
  ) {
    terminal.err(
      `error: there is no ${wanted}${from === undefined ? '' : ` in ${from}`}\n  next: name the project's folder by --project\n`,
    );
    return EXIT.usage;
  }
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-cache-'));
  try {
    putFiles(recipe, from, folder);
    for (const name of recipe.caches) mkdirSync(join(caches, name), { recursive: true });
    if (!(await runCommands(recipe, folder, terminal))) return EXIT.failed;
    terminal.out(`${recipe.caches.map((name) => join(caches, name)).join('\n')}\n`);
    return EXIT.done;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runCommands(
  { commands }: Recipe,
  cwd: string,
  { err }: Context['terminal'],
): Promise<boolean> {
  for (const { argv, env = {} } of commands) {
    const [file = '', ...words] = argv;
    err(`${argv.join(' ')}\n`);
    const ran = await execa(file, words, { cwd, env, reject: false, all: true });
    if (ran.exitCode === 0) continue;
    err(`${ran.all || ran.shortMessage}\nerror: ${file} failed\n`);
    err('  next: see that it is installed and that its registry can be reached\n');
    return false;
  }
  return true;
}

/** Everything of a project but what it has fetched or built: the tools leave things where they work. */
function putFiles(recipe: Recipe, from: string | undefined, folder: string): void {
  if (from !== undefined) {
    const left = /(^|\/)(node_modules|target|\.git|build|\.gradle)$/;
    cpSync(from, folder, {
      recursive: true,
      filter: (source) => source === from || !left.test(source),
    });
    return;
  }
  for (const [name, text] of Object.entries(recipe.starter)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
