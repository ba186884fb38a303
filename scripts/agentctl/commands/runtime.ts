import { type Command, Option } from 'commander';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { GPU_CHOICES, type GpuChoice, sizeLine } from '../runtime/binaries.ts';
import { chooseAccelerator } from '../runtime/chooseAccelerator.ts';
import { installRuntime, RUNTIME_LAYER } from '../runtime/installRuntime.ts';

const EXAMPLES = `Examples:
  agentctl models runtime install                 for the processor (on a Mac: Metal)
  agentctl models runtime install --gpu auto      for the GPU of this machine, if there is one
`;

export function addRuntime(models: Command, run: Runner): void {
  const runtime = models
    .command('runtime')
    .summary('the runtime for models in AGENT_HOME/models')
    .description(
      'The runtime (llama.cpp) that runs the models in AGENT_HOME/models on this machine.',
    )
    .addHelpText('before', EXAMPLES);
  runtime
    .command('install')
    .summary('install it: 83 MB, from the npm registry')
    .description(
      'Install the runtime into layers/llama: 83 MB from the npm registry, locked, without install scripts. ' +
        'For a GPU there is more to fetch: CUDA 320 MB, Vulkan 27 MB. Nothing else ever installs it.',
    )
    .addHelpText('before', EXAMPLES)
    .addOption(
      new Option('--gpu <kind>', 'what it computes with besides the processor')
        .choices(GPU_CHOICES)
        .default('none'),
    )
    .action(({ gpu }: { gpu: GpuChoice }, command: Command) =>
      run(command, (context) => install(context, gpu)),
    );
}

async function install({ host, terminal, json }: Context, gpu: GpuChoice): Promise<ExitCode> {
  // Loaded here only: it brings the whole service along, which no other command needs.
  const { machineProbe } = await import('../../../lib/composeWorker.ts');
  const say = (text: string) => json || terminal.err(`${text}\n`);
  const { accelerator, note } = chooseAccelerator(gpu, await machineProbe().read(host.interrupted));
  say(note);
  say(sizeLine(accelerator));
  say(`installing into ${RUNTIME_LAYER} ...`);
  const proved = await installRuntime({ layer: RUNTIME_LAYER, accelerator, host });
  terminal.out(`${json ? proved : `the runtime works: ${proved}`}\n`);
  say('next: agentctl models pull NAME; a running worker needs a restart to find the runtime');
  return EXIT.done;
}
