import { COMMON_FLAGS, FLAGS, type Flag } from '../../src/commands/arguments.ts';
import { exitCodes } from '../../src/commands/command.ts';
import { COMMANDS } from '../../src/commands/main.ts';
import { table } from './sections.ts';

/** Each command, with the flags that it has in addition to those of every command. */
export function commandTable(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary, operand, flags }]) => [
    `\`${[name, operand].filter(Boolean).join(' ')}\``,
    summary,
    flags.map((flag) => `\`--${flag}\``).join(', '),
  ]);
  return table(['command', 'does', 'flags of its own'], rows);
}

/** Each flag, with its value, what it does, and the commands that accept it. */
export function flagTable(): string {
  const rows = (Object.keys(FLAGS) as Flag[]).map((flag) => {
    const { value, help, short, multiple } = FLAGS[flag] as {
      value?: string;
      help?: string;
      short?: string;
      multiple?: true;
    };
    const name = [`--${flag}`, value].filter(Boolean).join(' ');
    const commands = Object.entries(COMMANDS)
      .filter(([, command]) => command.flags.includes(flag))
      .map(([command]) => `\`${command}\``);
    return [
      short === undefined ? `\`${name}\`` : `\`-${short}\`, \`${name}\``,
      help ?? WITHOUT_HELP[flag] ?? '',
      COMMON_FLAGS.includes(flag) ? 'all' : commands.join(', '),
      multiple ? 'yes' : '',
    ];
  });
  return table(['flag', 'meaning', 'commands', 'repeatable'], rows);
}

/** Flags that --help explains with another one. */
const WITHOUT_HELP: Partial<Record<Flag, string>> = {
  help: 'the flags of a command',
  public: 'the zones of --zone are public',
  secret: 'the Secret with the list',
  scrapeconfig: 'the ScrapeConfig with the list',
  file: 'the file with the list',
};

const EXITS: Record<keyof typeof exitCodes, string> = {
  done: 'success, or no difference',
  failed: 'failure, including invalid settings and usage errors',
  differs:
    'differences are pending (`plan --detailed-exitcode`) or were found (`verify`, `coverage`)',
  refused: 'refused by the guard',
};

export function exitCodeTable(): string {
  const rows = Object.entries(exitCodes).map(([name, code]) => [
    String(code),
    EXITS[name as keyof typeof exitCodes],
  ]);
  return table(['exit code', 'meaning'], rows);
}
