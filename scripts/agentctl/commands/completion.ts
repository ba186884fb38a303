import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completionScript.ts';
import type { Runner } from '../context.ts';
import { EXIT } from '../exitCode.ts';

const EXAMPLES = `Examples:
  source <(agentctl completion bash)
  agentctl completion zsh > "\${fpath[1]}/_agentctl"
  agentctl completion fish > ~/.config/fish/completions/agentctl.fish
`;

export function addCompletion(program: Command, run: Runner): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'whose completion').choices(SHELLS))
    .summary('print the completion for a shell')
    .description('Print the completion for a shell.')
    .addHelpText('before', EXAMPLES)
    .action((shell: Shell, _flags: object, command: Command) =>
      run(command, async ({ terminal }) => {
        terminal.out(completionScript(shell, program));
        return EXIT.done;
      }),
    );
}
