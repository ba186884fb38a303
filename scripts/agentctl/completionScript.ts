import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A completion made of the commands as they are, so that it cannot fall behind them. */
export function completionScript(shell: Shell, program: Command): string {
  switch (shell) {
    case 'bash':
      return bash(program);
    case 'zsh':
      return `#compdef agentctl\nautoload -U +X bashcompinit && bashcompinit\n${bash(program)}`;
    case 'fish':
      return fish(program);
  }
}

function bash(program: Command): string {
  const cases = program.commands.map(
    (command) => `    ${command.name()}) words="${words(command, program)}" ;;`,
  );
  return `_agentctl() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="${[...program.commands.map((command) => command.name()), ...flagsOf(program)].join(' ')}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _agentctl agentctl
`;
}

function words(command: Command, program: Command): string {
  return [...choicesOf(command), ...flagsOf(command), ...flagsOf(program)].join(' ');
}

function flagsOf(command: Command): string[] {
  return command.options.flatMap((option) => option.long ?? []);
}

function choicesOf(command: Command): string[] {
  const own = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  return [...own, ...command.options.flatMap((option) => option.argChoices ?? [])];
}

function fish(program: Command): string {
  const names = program.commands.map((command) => command.name()).join(' ');
  const commands = program.commands.map(
    (command) =>
      `complete -c agentctl -n "not __fish_seen_subcommand_from ${names}" -f -a ${command.name()} -d '${quoted(command.summary())}'`,
  );
  const flags = program.commands.flatMap((command) =>
    command.options.map((option) =>
      fishFlag(`-n "__fish_seen_subcommand_from ${command.name()}"`, option),
    ),
  );
  const common = program.options.map((option) => fishFlag('', option));
  return `${[...commands, ...common, ...flags].join('\n')}\n`;
}

function fishFlag(condition: string, option: Option): string {
  const choices = option.argChoices === undefined ? '' : ` -x -a '${option.argChoices.join(' ')}'`;
  const name = (option.long ?? '').replace(/^--/, '');
  return `complete -c agentctl ${condition} -l ${name}${choices} -d '${quoted(option.description)}'`;
}

function quoted(text: string): string {
  return text.replaceAll("'", "\\'");
}
