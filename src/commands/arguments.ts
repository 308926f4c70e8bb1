import { parseArgs } from 'node:util';
import { Fault } from '../fault.ts';
import { nearest } from './nearest.ts';

interface FlagSpec {
  readonly type: 'string' | 'boolean';
  readonly multiple?: true;
  readonly short?: string;
  /** The placeholder of the value, such as `FILE`. */
  readonly value?: string;
  /** For --help; a flag that another flag's help explains has none. */
  readonly help?: string;
}

/** All flags; each command names those of its own that it accepts. */
export const FLAGS = {
  config: {
    type: 'string',
    value: 'FILE',
    help: 'the settings (FEDERATION_SYNC_CONFIG, ./federation-sync.yml, the environment)',
  },
  job: { type: 'string', multiple: true, value: 'NAME', help: 'only this job; may be repeated' },
  json: { type: 'boolean', help: 'the report as JSON' },
  force: {
    type: 'boolean',
    help: 'sync, plan, render: the jobs named with --job bypass the guard; init: overwrite FILE',
  },
  'detailed-exitcode': { type: 'boolean', help: 'plan: exit 2 if changes are pending' },
  group: {
    type: 'string',
    value: 'NAME',
    help: 'policy: the Kubernetes group of the access entry (default: federation-sync); also names the Role',
  },
  'show-secrets': { type: 'boolean', help: 'render: print the contents of Secrets' },
  prometheus: {
    type: 'string',
    value: 'URL',
    help: 'verify, coverage: the server to query (default: prometheus: in the settings)',
  },
  all: {
    type: 'boolean',
    help: 'coverage: every expected cluster, not only those that lack something',
  },
  resolver: {
    type: 'string',
    value: 'IP[:PORT]',
    help: 'verify: also resolve every name with this DNS server',
  },
  wait: {
    type: 'string',
    value: 'TIME',
    help: 'sync: after a write, wait so long until the servers of the settings have loaded it, such as 15s',
  },
  verbose: {
    type: 'boolean',
    help: 'also print each call with its duration, and where an error came from',
  },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', help: 'the version' },

  zone: {
    type: 'string',
    multiple: true,
    value: 'ID',
    help: 'hosted zone, may be repeated (HOSTED_ZONE_ID); with --public for a public zone',
  },
  public: { type: 'boolean' },
  records: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    help: 'instead of a zone: the output of aws route53 list-resource-record-sets',
  },
  configmap: {
    type: 'string',
    value: 'NAME',
    help: 'the object with the list (CONFIG_MAP_NAME), or --secret NAME, --scrapeconfig NAME, or --file PATH; default: the ScrapeConfig with names of the zone',
  },
  secret: { type: 'string' },
  scrapeconfig: { type: 'string' },
  file: { type: 'string' },
  namespace: {
    type: 'string',
    value: 'NAME',
    help: 'of that object (NAMESPACE; default: monitoring)',
  },
  key: { type: 'string', value: 'KEY', help: 'of that object (default: prometheus.yml)' },
  cluster: {
    type: 'string',
    value: 'NAME',
    help: "an EKS cluster (CLUSTER_NAME); default: the pod's, or that of KUBECONFIG",
  },
} as const satisfies Record<string, FlagSpec>;

export type Flag = keyof typeof FLAGS;

/** The flags of every command. */
export const COMMON_FLAGS: readonly Flag[] = [
  'config',
  'job',
  'json',
  'verbose',
  'help',
  'version',
];

/** Where init looks. */
export const INIT_FLAGS = [
  'zone',
  'public',
  'records',
  'configmap',
  'secret',
  'scrapeconfig',
  'file',
  'namespace',
  'key',
  'cluster',
] as const satisfies readonly Flag[];

export type Arguments = ReturnType<typeof parse>['values'] & {
  readonly command: string;
  /** Positional arguments after the command. */
  readonly operands: readonly string[];
  /** The flags that were given. */
  readonly given: readonly Flag[];
};

/** @throws Fault `usage` */
export function readArguments(argv: readonly string[]): Arguments {
  try {
    const { values, positionals } = parse(argv);
    const [command = '', ...operands] = positionals;
    return { ...values, command, operands, given: Object.keys(values) as Flag[] };
  } catch (error) {
    const message = (error as Error).message.replace(/\.? To specify a positional.*$/s, '').trim();
    const [, flag] = /Unknown option '--([\w-]+)'/.exec(message) ?? [];
    if (flag === undefined) throw new Fault('usage', message, { cause: error });
    // Other tools call it that.
    const near = flag === 'dry-run' ? 'plan (a command)' : nearest(flag, Object.keys(FLAGS));
    const meant =
      near === undefined ? '' : `Did you mean ${near.includes(' ') ? near : `--${near}`}? `;
    throw new Fault('usage', `unknown flag --${flag}`, {
      cause: error,
      remedy: `${meant}See federation-sync --help.`,
    });
  }
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true });
}

/** The lines of --help for these flags. */
export function flagLines(flags: readonly Flag[]): string[] {
  return flags.flatMap((flag) => {
    const { value = '', help }: FlagSpec = FLAGS[flag];
    return help === undefined ? [] : [`  ${`--${flag} ${value}`.trimEnd().padEnd(20)} ${help}`];
  });
}
