import { Fault } from '../fault.ts';
import { FLAGS, type Flag } from './arguments.ts';
import { type Command, exitCodes } from './command.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Prints a script that completes commands and flags; `commands` maps names to their flags. */
export function completionCommand(
  commands: () => Readonly<Record<string, readonly Flag[]>>,
): Command {
  return {
    summary: 'print the completion script of a shell: bash, zsh or fish',
    operand: 'SHELL',
    flags: [],
    run: async ({ args, surroundings: { stdout } }) => {
      const [name] = args.operands;
      const shell = SHELLS.find((one) => one === name);
      if (!shell) {
        throw new Fault('usage', `there is no completion for ${name}`, {
          remedy: `Use one of: ${SHELLS.join(', ')}.`,
        });
      }
      stdout.write(shell === 'fish' ? fishScript(commands()) : bashScript(commands(), shell));
      return exitCodes.done;
    },
  };
}

/** zsh runs bash's completion functions. */
function bashScript(commands: Readonly<Record<string, readonly Flag[]>>, shell: string): string {
  const cases = Object.entries(commands).map(
    ([name, flags]) => `    ${name}) words="${flags.map((flag) => `--${flag}`).join(' ')}" ;;`,
  );
  const load = shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : '';
  return `# ${shell}: source <(federation-sync completion ${shell})
${load}_federation_sync() {
  local words current=\${COMP_WORDS[COMP_CWORD]}
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="${Object.keys(commands).join(' ')}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _federation_sync federation-sync
`;
}

function fishScript(commands: Readonly<Record<string, readonly Flag[]>>): string {
  const lines = Object.entries(commands).flatMap(([name, flags]) => [
    `complete -c federation-sync -n __fish_use_subcommand -f -a ${name}`,
    ...flags.map((flag) => {
      const value = FLAGS[flag].type === 'string' ? ' -r' : '';
      return `complete -c federation-sync -n '__fish_seen_subcommand_from ${name}' -l ${flag}${value}`;
    }),
  ]);
  return `# fish: federation-sync completion fish | source\n${lines.join('\n')}\n`;
}
