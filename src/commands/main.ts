import { asFault, Fault } from '../fault.ts';
import { type Arguments, type Flag, readArguments } from './arguments.ts';
import { type Command, exitCodes, type Surroundings } from './command.ts';
import { doctorCommand } from './doctor/command.ts';
import { explainCommand } from './explain/command.ts';
import { helpText } from './help.ts';
import { initCommand } from './init/command.ts';
import { policyCommand } from './policy.ts';
import { faultLines, traceLines } from './print.ts';
import { renderCommand } from './render.ts';
import { planCommand, syncCommand } from './sync.ts';
import { verifyCommand } from './verify/command.ts';
import { version } from './version.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  sync: syncCommand,
  plan: planCommand,
  render: renderCommand,
  explain: explainCommand,
  verify: verifyCommand,
  init: initCommand,
  doctor: doctorCommand,
  policy: policyCommand,
};

const COMMON_FLAGS: readonly Flag[] = ['config', 'job', 'json', 'verbose', 'help', 'version'];

/** Longer than any run should take, so that a run that hangs ends with a clear error. */
const TIME_LIMIT_MS = 10 * 60_000;

/** One call of the command line. @returns the exit code */
export async function main(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const args = readArguments(argv);
    if (args.version) return say(surroundings, `${version}\n`);
    if (args.help || args.command === 'help') return say(surroundings, helpText(COMMANDS));
    const command = commandFor(args);
    return await command.run({ args, signal: AbortSignal.timeout(TIME_LIMIT_MS), surroundings });
  } catch (error) {
    const fault = asFault(error);
    surroundings.stderr.write(`${faultLines(fault).join('\n')}\n`);
    if (argv.includes('--verbose')) surroundings.stderr.write(`${traceLines(fault).join('\n')}\n`);
    return exitCodes.failed;
  }
}

function commandFor(args: Arguments): Command {
  const command = Object.hasOwn(COMMANDS, args.command) ? COMMANDS[args.command] : undefined;
  if (!command) {
    const names = Object.keys(COMMANDS).join(', ');
    const what = args.command === '' ? 'no command was given' : `unknown command ${args.command}`;
    throw new Fault('usage', what, { remedy: `Use one of: ${names}; see federation-sync --help.` });
  }
  const wrong = args.given.find(
    (flag) => !COMMON_FLAGS.includes(flag) && !command.flags.includes(flag),
  );
  if (wrong) throw new Fault('usage', `${args.command} does not support --${wrong}`);
  const { operand = '' } = command;
  const most = operand === '' ? 0 : 1;
  const least = operand.startsWith('[') ? 0 : most;
  if (args.operands.length < least || args.operands.length > most) {
    throw new Fault('usage', `usage: federation-sync ${args.command} ${operand}`.trimEnd());
  }
  return command;
}

function say({ stdout }: Surroundings, text: string): number {
  stdout.write(text);
  return exitCodes.done;
}
