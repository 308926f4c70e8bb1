import { asFault, Fault } from '../fault.ts';
import { errorOf } from '../report.ts';
import { type Arguments, COMMON_FLAGS, type Flag, readArguments } from './arguments.ts';
import { type Command, exitCodes, type Surroundings } from './command.ts';
import { completionCommand } from './completion.ts';
import { coverageCommand } from './coverage/command.ts';
import { doctorCommand } from './doctor/command.ts';
import { explainCommand } from './explain/command.ts';
import { helpOf, helpText } from './help.ts';
import { initCommand } from './init/command.ts';
import { nearest } from './nearest.ts';
import { policyCommand } from './policy.ts';
import { faultLines, traceLines } from './print.ts';
import { renderCommand } from './render.ts';
import { schemaCommand } from './schema/command.ts';
import { planCommand, syncCommand } from './sync.ts';
import { guarded } from './terminal.ts';
import { verifyCommand } from './verify/command.ts';
import { version } from './version.ts';

/** Every command, by name, in the order of --help. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  sync: syncCommand,
  plan: planCommand,
  render: renderCommand,
  explain: explainCommand,
  verify: verifyCommand,
  coverage: coverageCommand,
  init: initCommand,
  schema: schemaCommand,
  doctor: doctorCommand,
  policy: policyCommand,
  completion: completionCommand(flagsOfCommands),
};

/** Longer than any run should take, so that a run that hangs ends with a clear error. */
const TIME_LIMIT_MS = 10 * 60_000;

/** One call of the command line. @returns the exit code */
export async function main(argv: readonly string[], terminal: Surroundings): Promise<number> {
  const surroundings = guarded(terminal, argv.includes('--json'));
  try {
    const args = readArguments(argv);
    if (args.version) return say(surroundings, `${version}\n`);
    if (args.command === 'help' || (args.help && args.command === '')) {
      const [name] = args.operands;
      return say(surroundings, name === undefined ? helpText(COMMANDS) : helpOf(named(name), name));
    }
    if (args.help) return say(surroundings, helpOf(named(args.command), args.command));
    const command = commandFor(args);
    command.check?.(args);
    return await command.run({ args, signal: AbortSignal.timeout(TIME_LIMIT_MS), surroundings });
  } catch (error) {
    const fault = asFault(error);
    surroundings.stderr.write(`${faultLines(fault).join('\n')}\n`);
    if (argv.includes('--json')) {
      surroundings.stdout.write(`${JSON.stringify({ error: errorOf(fault) }, null, 2)}\n`);
    }
    if (argv.includes('--verbose')) surroundings.stderr.write(`${traceLines(fault).join('\n')}\n`);
    return exitCodes.failed;
  }
}

/** @throws Fault `usage`, with the nearest command */
function named(name: string): Command {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return command;
  const names = Object.keys(COMMANDS);
  if (name === '') {
    const remedy = `Use one of: ${names.join(', ')}; see federation-sync --help.`;
    throw new Fault('usage', 'no command was given', { remedy });
  }
  const near = nearest(name, names);
  throw new Fault('usage', `unknown command ${name}`, {
    remedy: near
      ? `Did you mean ${near}? See federation-sync --help.`
      : `Use one of: ${names.join(', ')}; see federation-sync --help.`,
  });
}

function commandFor(args: Arguments): Command {
  const command = named(args.command);
  const wrong = args.given.find(
    (flag) => !COMMON_FLAGS.includes(flag) && !command.flags.includes(flag),
  );
  if (wrong) throw new Fault('usage', `${args.command} does not support --${wrong}`, seeHelp(args));
  const { operand = '' } = command;
  const most = operand === '' ? 0 : 1;
  const [surplus] = args.operands.slice(most);
  if (surplus !== undefined) {
    throw new Fault(
      'usage',
      `${args.command} does not expect the argument ${surplus}`,
      seeHelp(args),
    );
  }
  if (args.operands.length === 0 && most === 1 && !operand.startsWith('[')) {
    throw new Fault('usage', `${args.command} requires ${operand}`, {
      remedy: `usage: federation-sync ${args.command} ${operand}`,
    });
  }
  return command;
}

const seeHelp = ({ command }: Arguments) => ({ remedy: `See federation-sync ${command} --help.` });

/** The flags of each command, for completion. */
function flagsOfCommands(): Record<string, readonly Flag[]> {
  const entries = Object.entries(COMMANDS).map(
    ([name, { flags }]) => [name, [...flags, ...COMMON_FLAGS]] as const,
  );
  return Object.fromEntries(entries);
}

function say({ stdout }: Surroundings, text: string): number {
  stdout.write(text);
  return exitCodes.done;
}
