import { parseArgs } from 'node:util';
import { Fault } from '../fault.ts';
import type { There } from './init/where.ts';

/** The flags that commands share, and those of single commands. */
const FLAGS = {
  config: { type: 'string' },
  job: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  force: { type: 'boolean' },
  'detailed-exitcode': { type: 'boolean' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  'show-secrets': { type: 'boolean' },
  prometheus: { type: 'string' },
  resolver: { type: 'string' },
  zone: { type: 'string', multiple: true },
  public: { type: 'boolean' },
  records: { type: 'string', multiple: true },
  cluster: { type: 'string' },
  namespace: { type: 'string' },
  configmap: { type: 'string' },
  secret: { type: 'string' },
  key: { type: 'string' },
  file: { type: 'string' },
} as const;

export type Flag = keyof typeof FLAGS;

export interface Arguments {
  readonly command: string;
  /** Positional arguments after the command. */
  readonly operands: readonly string[];
  readonly config: string | undefined;
  /** Names given with --job; undefined means all jobs. */
  readonly jobs: readonly string[] | undefined;
  readonly json: boolean;
  readonly force: boolean;
  readonly detailedExitcode: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly showSecrets: boolean;
  readonly prometheus: string | undefined;
  readonly resolver: string | undefined;
  /** For init: where zone, cluster and list are. */
  readonly there: There;
  /** The flags that were given. */
  readonly given: readonly Flag[];
}

/** @throws Fault `usage` */
export function readArguments(argv: readonly string[]): Arguments {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    const message = (error as Error).message.replace(/\.? To specify a positional.*$/s, '').trim();
    throw new Fault('usage', message, { cause: error });
  }
  const { values, positionals } = parsed;
  const [command = '', ...operands] = positionals;
  return {
    command,
    operands,
    config: values.config,
    jobs: values.job,
    json: values.json ?? false,
    force: values.force ?? false,
    detailedExitcode: values['detailed-exitcode'] ?? false,
    verbose: values.verbose ?? false,
    help: values.help ?? false,
    version: values.version ?? false,
    showSecrets: values['show-secrets'] ?? false,
    prometheus: values.prometheus,
    resolver: values.resolver,
    there: {
      zones: values.zone ?? [],
      public: values.public ?? false,
      records: values.records ?? [],
      cluster: values.cluster,
      namespace: values.namespace,
      configMap: values.configmap,
      secret: values.secret,
      key: values.key,
      file: values.file,
    },
    given: Object.keys(values) as Flag[],
  };
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true });
}
