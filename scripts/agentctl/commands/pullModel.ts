import { join } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../../lib/config/config.ts';
import { usage } from '../complaint.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { download } from '../pull/download.ts';
import { openPullProgress } from '../pull/pullProgress.ts';
import { sourceOf } from '../pull/source.ts';
import { bytes as amount } from '../render/text.ts';
import { isRuntimeInstalled, RUNTIME_LAYER } from '../runtime/installRuntime.ts';

interface PullFlags {
  sha256?: string;
}

const EXAMPLES = `Examples:
  agentctl models pull qwen2.5-coder-7b
  agentctl models pull https://huggingface.co/OWNER/NAME/resolve/main/FILE.gguf --sha256 HEX
`;

export function addPull(models: Command, run: Runner): void {
  models
    .command('pull')
    .summary('fetch a model for the embedded runtime')
    .description(
      'Fetch a model into AGENT_HOME/models. A pull that was cut goes on where it stopped. ' +
        'Nothing is ever fetched without this command.',
    )
    .addHelpText('before', EXAMPLES)
    .argument('<name-or-url>', 'a model that agentctl models knows, or the address of a GGUF file')
    .option('--sha256 <hex>', 'refuse a file with another hash')
    .action((wanted: string, flags: PullFlags, command: Command) =>
      run(command, (context) => pull(context, wanted, flags)),
    );
}

async function pull(context: Context, wanted: string, flags: PullFlags): Promise<ExitCode> {
  const { host, terminal, json } = context;
  // Loaded here only: it brings the whole service along, which no other command needs.
  const { flawOfModelFile, modelCards } = await import('../../../lib/composeWorker.ts');
  const config = loadConfig({ ...host.environment });
  const source = sourceOf(wanted, modelCards(config));
  const file = join(config.agentHome, 'models', source.fileName);
  const progress = openPullProgress(context);
  progress.note(`${source.url}\n  to ${file}`);
  try {
    const { fetched, bytes, sha256 } = await download({
      url: source.url,
      file,
      sha256: expectedHash(flags.sha256, source.sha256),
      signal: host.interrupted,
      onProgress: progress.report,
      flawOf: flawOfModelFile,
      onCut: (why) => progress.note(`cut: ${why}; going on`),
    });
    const came = fetched ? `${amount(bytes)} fetched` : 'it was there already';
    progress.note(`${came}, sha256 ${sha256} (recorded in ${file}.sha256)`);
    progress.note(
      isRuntimeInstalled(RUNTIME_LAYER)
        ? 'a running worker offers it within half a minute: agentctl models'
        : 'next: agentctl models runtime install   (the runtime that runs it is not installed yet)',
    );
    const told = { file, fetched, bytes, sha256 };
    terminal.out(`${json ? JSON.stringify(told) : file}\n`);
    return EXIT.done;
  } finally {
    progress.close();
  }
}

/** What the user and the card expect must be the same. */
function expectedHash(asked: string | undefined, carded: string | undefined): string | undefined {
  if (asked === undefined) return carded;
  if (!/^[0-9a-f]{64}$/i.test(asked)) {
    const what = `${JSON.stringify(asked)} is no sha256`;
    throw usage(what, 'it has 64 hex digits', 'sha256sum FILE');
  }
  const sha256 = asked.toLowerCase();
  if (carded === undefined || carded === sha256) return sha256;
  throw usage(
    `${sha256} is not the sha256 that the model's card gives`,
    `the card says ${carded}`,
    'find out which of them is right; the card may be in the file that MODELS_FILE names',
  );
}
