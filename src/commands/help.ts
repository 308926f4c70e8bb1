import type { Command } from './command.ts';

/** What --help prints. */
export function helpText(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.entries(commands).map(
    ([name, { summary, operand }]) =>
      `  ${[name, operand].filter(Boolean).join(' ').padEnd(14)} ${summary}`,
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
  --prometheus URL     verify: the server to ask (default: prometheus: of the place)
  --resolver IP[:PORT] verify: resolve every name there too
  --verbose            where an error came from
  --version

Exit codes: 0 done, or no difference; 1 failed, settings and usage included; 2 differences; 3 refused by the guard
`;
}
