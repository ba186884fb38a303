import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { execa } from 'execa';
import * as z from 'zod';
import { Complaint } from '../complaint.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';

const LAYER = fileURLToPath(new URL('../../../layers/llama', import.meta.url));
const Manifest = z.object({ dependencies: z.object({ 'node-llama-cpp': z.string() }) });
/** What must be there for a computer without a GPU, by Node's names of platform and processor. */
const BINARIES: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-armv7l',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};
/**
 * Loads the binary and asks it what it is: proof that it runs here. The library tries the binary in a process of its own,
 * which must not inherit --eval.
 */
const PROOF = `
process.execArgv = [];
const { getLlama } = await import('node-llama-cpp');
const llama = await getLlama({ gpu: 'auto', build: 'never', skipDownload: true, progressLogs: false });
console.log(JSON.stringify({ gpu: llama.gpu, system: llama.systemInfo }));
process.exit(0);
`;

export function addRuntime(models: Command, run: Runner): void {
  const runtime = models
    .command('runtime')
    .summary('the runtime for models in AGENT_HOME/models')
    .description(
      'The runtime (llama.cpp) that runs the models in AGENT_HOME/models on this machine.',
    );
  runtime
    .command('install')
    .summary('install it: 83 MB, from the npm registry')
    .description(
      'Install the runtime into layers/llama: 83 MB from the npm registry, locked, without install scripts. ' +
        'Nothing else ever installs it.',
    )
    .action((_flags: object, command: Command) => run(command, install));
}

async function install(context: Context): Promise<ExitCode> {
  const binary = `@node-llama-cpp/${platformBinary()}`;
  const note = (text: string) => context.json || context.terminal.err(`${text}\n`);
  note(`installing into ${LAYER} ...`);
  // Every other optional package is a binary for another machine or for a GPU: 640 MB that most have no use for.
  const quiet = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  await npm(context, ['ci', ...quiet]);
  await npm(context, ['install', '--no-save', ...quiet, `${binary}@${wantedVersion()}`]);
  const proved = await prove(context);
  const text = context.json ? proved : `${binary} works: ${proved}`;
  context.terminal.out(`${text}\n`);
  note('next: agentctl models pull NAME; a running worker needs a restart to find the runtime');
  return EXIT.done;
}

function platformBinary(): string {
  const platform = `${process.platform}-${process.arch}`;
  const binary = BINARIES[platform];
  if (binary !== undefined) return binary;
  throw new Complaint(EXIT.rejected, {
    what: `the runtime is not built for ${platform}`,
    why: [`it is built for ${Object.keys(BINARIES).join(', ')}`],
    next: 'start a model server on this machine, or name one in MODEL_SERVERS',
  });
}

/** The binary must be of the version that the lock file has. */
function wantedVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(LAYER, 'package.json'), 'utf8'));
  return Manifest.parse(manifest).dependencies['node-llama-cpp'];
}

async function npm(context: Context, argv: string[]): Promise<void> {
  const { host } = context;
  const ran = await execa('npm', argv, {
    cwd: LAYER,
    cancelSignal: host.interrupted,
    reject: false,
    all: true,
  });
  host.interrupted.throwIfAborted();
  if (!ran.failed) return;
  const said = (ran.all ?? '').split('\n').filter((line) => /npm (?:error|ERR!)/.test(line));
  throw new Complaint(EXIT.unexpected, {
    what: `npm ${argv[0]} failed in ${LAYER}`,
    why: said.length === 0 ? [ran.shortMessage ?? 'npm is not there'] : said.slice(0, 5),
    next: 'look whether the npm registry is reached from here, then the same command again',
  });
}

async function prove({ host }: Context): Promise<string> {
  const argv = ['--input-type=module', '--eval', PROOF];
  const ran = await execa(process.execPath, argv, {
    cwd: LAYER,
    cancelSignal: host.interrupted,
    reject: false,
    timeout: 60_000,
  });
  host.interrupted.throwIfAborted();
  if (!ran.failed) return ran.stdout.split('\n').at(-1) ?? '';
  throw new Complaint(EXIT.unexpected, {
    what: 'the runtime is installed, but does not start on this machine',
    why: ran.stderr.split('\n').slice(-5),
    next: 'start a model server on this machine, or name one in MODEL_SERVERS',
  });
}
