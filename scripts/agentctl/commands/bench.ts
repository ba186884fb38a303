import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { BenchFlags } from '../../bench/benchFlags.ts';
import { usage } from '../complaint.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';

const EXAMPLES = `Examples:
  agentctl bench run examples/proof/manifest.yaml
  agentctl bench run examples/proof/manifest.yaml --only py-gcd js-sum
  agentctl bench run examples/proof/manifest.yaml --mutants 300 --json > proof.json
`;

export function addBench(program: Command, run: Runner): void {
  program
    .command('bench')
    .summary('measure whether verdicts can be trusted')
    .description(
      'Measure whether verdicts can be trusted, with answers that are known to be right or wrong.',
    )
    .addHelpText('before', EXAMPLES)
    .command('run')
    .argument('<manifest>', 'tasks with right and wrong answers (YAML)')
    .summary('play right, wrong and lying answers')
    .description(
      'Starts a system of its own on free ports and plays right, wrong and lying answers through it. ' +
        'Exit 1 when a wrong answer ends verified or a right one does not.',
    )
    .addHelpText('before', EXAMPLES)
    .option('--slots <count>', 'tasks at once', wholeNumber, Math.max(1, availableParallelism()))
    .option('--mutants <count>', 'judge this many mutants of the right answers too', wholeNumber, 0)
    .option('--seed <number>', 'of the choice of mutants', wholeNumber, 1)
    .option('--short', 'only the tasks that the manifest names for a short run')
    .option('--only <id...>', 'only these tasks')
    .action((manifest: string, flags: BenchFlags, command: Command) =>
      run(command, (context) => bench(context, manifest, flags)),
    );
}

async function bench(context: Context, manifest: string, flags: BenchFlags): Promise<ExitCode> {
  // Loaded here only: it brings the whole service along, which no other command needs.
  const { showBench } = await import('../../bench/showBench.ts');
  const path = resolve(context.host.directory, manifest);
  if (!existsSync(path)) {
    throw usage(
      `there is no manifest ${path}`,
      'it lists the tasks to play',
      'agentctl bench run examples/proof/manifest.yaml',
    );
  }
  const well = await showBench(context, path, flags);
  return well ? EXIT.done : EXIT.unexpected;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('Use a whole number of 0 or more.');
}
