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
      sha256: checkedHash(flags.sha256) ?? source.sha256,
      signal: host.interrupted,
      onProgress: progress.report,
      flawOf: flawOfModelFile,
      onCut: (why) => progress.note(`cut: ${why}; going on`),
    });
    progress.note(fetched ? `${amount(bytes)} fetched, sha256 ${sha256}` : 'it was there already');
    const told = { file, fetched, bytes, sha256 };
    terminal.out(`${json ? JSON.stringify(told) : file}\n`);
    return EXIT.done;
  } finally {
    progress.close();
  }
}

function checkedHash(hex: string | undefined): string | undefined {
  if (hex === undefined || /^[0-9a-f]{64}$/i.test(hex)) return hex?.toLowerCase();
  throw usage(`${JSON.stringify(hex)} is no sha256`, 'it has 64 hex digits', 'sha256sum FILE');
}
