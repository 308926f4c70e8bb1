import { jobsNamed } from '../event.ts';
import { asFault, Fault } from '../fault.ts';
import { connect } from '../ports.ts';
import { findSettings } from '../settings/find.ts';
import { type Arguments, type Flag, readArguments } from './arguments.ts';
import { type Command, exitCodes, type Surroundings } from './command.ts';
import { faultLines, traceLines } from './print.ts';
import { renderCommand } from './render.ts';
import { planCommand, syncCommand } from './sync.ts';
import { version } from './version.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  sync: syncCommand,
  plan: planCommand,
  render: renderCommand,
};

const COMMON_FLAGS: readonly Flag[] = ['config', 'job', 'json', 'verbose', 'help', 'version'];

/** Longer than any run should take; it ends with a clear error rather than never. */
const TIME_LIMIT_MS = 10 * 60_000;

/** One call of the command line. @returns the exit code */
export async function main(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const args = readArguments(argv);
    if (args.version) return say(surroundings, `${version}\n`);
    if (args.help || args.command === 'help') return say(surroundings, help());
    const command = commandFor(args);
    const settings = await findSettings(args.config, surroundings.folder, surroundings.env);
    const connection = connect(settings, { env: surroundings.env, ...progressOn(surroundings) });
    return await command.run({
      args,
      settings,
      jobs: jobsNamed(args.jobs, settings.jobs),
      connection,
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
      surroundings,
    });
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
    const what =
      args.command === '' ? 'no command was given' : `there is no command ${args.command}`;
    throw new Fault('usage', what, { remedy: `Use one of: ${names}; see federation-sync --help.` });
  }
  const wrong = args.given.find(
    (flag) => !COMMON_FLAGS.includes(flag) && !command.flags.includes(flag),
  );
  if (wrong) throw new Fault('usage', `${args.command} takes no --${wrong}`);
  if (args.operands.length !== (command.operands === undefined ? 0 : 1)) {
    throw new Fault(
      'usage',
      `usage: federation-sync ${args.command} ${command.operands ?? ''}`.trimEnd(),
    );
  }
  if (args.force && args.jobs === undefined) {
    throw new Fault('usage', '--force needs --job: name the jobs that may pass the guard');
  }
  return command;
}

function help(): string {
  const rows = Object.entries(COMMANDS).map(
    ([name, { summary, operands }]) =>
      `  ${[name, operands].filter(Boolean).join(' ').padEnd(14)} ${summary}`,
  );
  return `federation-sync keeps Prometheus target lists equal to what Route 53 zones hold.

Usage: federation-sync COMMAND [flags]

${rows.join('\n')}

Flags
  --config FILE        the settings (FEDERATION_SYNC_CONFIG, ./federation-sync.yml, the environment)
  --job NAME           only this job; may be repeated
  --json               the report as JSON
  --force              sync, plan, render: let the jobs named with --job past the guard
  --detailed-exitcode  plan: exit 2 where differences are pending
  --show-secrets       render: print the contents of Secrets
  --verbose            where an error came from
  --version

Exit codes: 0 done, or no difference; 1 failed, settings and usage included; 2 differences; 3 refused by the guard
`;
}

function say({ stdout }: Surroundings, text: string): number {
  stdout.write(text);
  return exitCodes.done;
}

/** Long listings show that they go on, where a person watches. */
function progressOn({ stderr }: Surroundings) {
  if (!stderr.isTTY) return {};
  const progress = (zone: string, recordSets: number) => {
    if (recordSets >= 300) stderr.write(`\r\x1b[2Kzone ${zone}: ${recordSets} record sets\r`);
  };
  return { progress };
}
