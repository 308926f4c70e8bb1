import { COMMON_FLAGS, FLAGS, type Flag, flagLines, INIT_FLAGS } from './arguments.ts';
import type { Command } from './command.ts';

/** The output of --help. */
export function helpText(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.entries(commands).map(
    ([name, { summary, operand }]) =>
      `  ${[name, operand].filter(Boolean).join(' ').padEnd(14)} ${summary}`,
  );
  const flags = (Object.keys(FLAGS) as Flag[]).filter(
    (flag) => !INIT_FLAGS.some((one) => one === flag),
  );
  return `federation-sync keeps Prometheus target lists in sync with Route 53 zones.

Usage: federation-sync COMMAND [flags]

${rows.join('\n')}

Flags
${flagLines(flags).join('\n')}

Flags of init, in addition to FILE to write (- is standard output) and --job NAME of the live list
${flagLines(INIT_FLAGS).join('\n')}

Exit codes: 0 done, or no difference; 1 failed, including invalid settings and usage; 2 differences; 3 refused by the guard
`;
}

/** The output of `COMMAND --help`. */
export function helpOf({ summary, operand, flags }: Command, name: string): string {
  const usage = ['federation-sync', name, operand, '[flags]'].filter(Boolean).join(' ');
  return `${name}: ${summary}

Usage: ${usage}

Flags
${flagLines([...flags, ...COMMON_FLAGS]).join('\n')}
`;
}
