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
  --force              sync, plan, render: let the jobs named with --job past the guard; init: overwrite FILE
  --detailed-exitcode  plan: exit 2 where differences are pending
  --show-secrets       render: print the contents of Secrets
  --prometheus URL     verify: the server to ask (default: prometheus: of the place)
  --resolver IP[:PORT] verify: resolve every name there too
  --verbose            where an error came from
  --version

Where init looks, besides --config FILE, or FILE, to write to (- is standard output) and --job NAME of the live list
  --zone ID            hosted zone, may be repeated (HOSTED_ZONE_ID); --public if it is a public one
  --records FILE       instead: what aws route53 list-resource-record-sets prints
  --configmap NAME     where the list is (CONFIG_MAP_NAME), or --secret NAME, or --file PATH
  --namespace NAME     of that object (NAMESPACE, monitoring)
  --key KEY            of that object (prometheus.yml)
  --cluster NAME       of EKS (CLUSTER_NAME); without one: the pod's own, or KUBECONFIG's

Exit codes: 0 done, or no difference; 1 failed, settings and usage included; 2 differences; 3 refused by the guard
`;
}
