import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { loadConfig } from '../../../lib/config/config.ts';
import { fillCache } from '../cache/fillCache.ts';
import { CACHE_LANGUAGES, type CacheLanguage, recipeFor } from '../cache/recipes.ts';
import { starterOf } from '../cache/starters.ts';
import { usage } from '../complaint.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';

const EXAMPLES = `Examples:
  agentctl cache warm --language java                          Maven's plugins, JUnit 5
  agentctl cache warm --language java --project ./shop         what its pom.xml or build.gradle needs
  agentctl cache warm --language typescript --project ./web    what its package-lock.json names
  agentctl cache warm --language go                            the compiled standard library
`;

interface WarmFlags {
  language: CacheLanguage;
  project?: string;
}

export function addCache(program: Command, run: Runner): void {
  const cache = program
    .command('cache')
    .summary('fetch dependencies, which tasks then find without a network')
    .description(
      'Fetch dependencies into CACHE_DIR (AGENT_HOME/caches): tasks see them read-only, and no network.',
    )
    .addHelpText('before', EXAMPLES);
  cache
    .command('warm')
    .summary('fetch, with the network of this machine')
    .description(
      'Fetch what a project needs, or without one what every project does. Runs the tools of this machine, as they are configured, outside of the sandbox, in a copy of the project; build files are run, its own tests are not.',
    )
    .addHelpText('before', EXAMPLES)
    .addOption(
      new Option('--language <language>', 'of the project')
        .choices(CACHE_LANGUAGES)
        .makeOptionMandatory(),
    )
    .option(
      '--project <folder>',
      'with pom.xml, build.gradle, requirements.txt, pyproject.toml, package-lock.json, go.mod or Cargo.toml',
    )
    .action((flags: WarmFlags, command: Command) =>
      run(command, (context) => warm(context, flags)),
    );
}

async function warm(context: Context, { language, project }: WarmFlags): Promise<ExitCode> {
  const { terminal, host, json } = context;
  const config = loadConfig(host.environment);
  const from = project === undefined ? undefined : resolve(host.directory, project);
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-cache-'));
  try {
    putFiles(language, from, folder);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const scene = { caches: config.cacheDir, folder, files };
    const filled = await fillCache(recipeFor(language, scene), scene, {
      config,
      environment: host.environment,
      onCommand: (line) => terminal.err(`${line}\n`),
    });
    terminal.out(`${json ? JSON.stringify({ caches: filled }) : filled.join('\n')}\n`);
    return EXIT.done;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the tools fetched or built before, and what they would write into. */
const LEFT_OUT = /(^|\/)(node_modules|target|\.git|build|\.gradle|\.venv|venv|__pycache__)$/;

function putFiles(language: CacheLanguage, from: string | undefined, folder: string): void {
  if (from !== undefined) {
    if (!existsSync(from))
      throw usage(`there is no ${from}`, 'named by --project', 'agentctl cache warm --help');
    const filter = (source: string): boolean => source === from || !LEFT_OUT.test(source);
    cpSync(from, folder, { recursive: true, filter });
    return;
  }
  const starter = starterOf(language);
  if (starter === undefined) {
    throw usage(
      `projects in ${language} have nothing in common that could be fetched`,
      'no project was named',
      `agentctl cache warm --language ${language} --project FOLDER`,
    );
  }
  for (const [name, text] of Object.entries(starter)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
