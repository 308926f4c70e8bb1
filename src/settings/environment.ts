import { Fault } from '../fault.ts';
import type { Settings } from '../job.ts';
import { checkSettings } from './parse.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of the original function; HOSTED_ZONE_ID also has an older name. */
const REQUIRED = {
  HOSTED_ZONE_ID: 'a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
  CLUSTER_NAME: "the EKS cluster's name",
  CONFIG_MAP_NAME: "the Prometheus server's ConfigMap",
  NAME_PATTERN: "a pattern of the names to select, such as '^[^.]+\\.prometheus\\.internal$'",
};

/** The variable that each path of the resulting settings comes from. */
const VARIABLES: readonly (readonly [path: string, variable: string])[] = [
  ['jobs[0].from[0].zone', 'HOSTED_ZONE_ID'],
  ['cluster.eks.name', 'CLUSTER_NAME'],
  ['jobs[0].to.configMap.namespace', 'NAMESPACE'],
  ['jobs[0].to.configMap.name', 'CONFIG_MAP_NAME'],
  ['jobs[0].select.name', 'NAME_PATTERN'],
  ['jobs[0].also', 'ALSO'],
  ['jobs[0].job', 'PROMETHEUS_JOB_NAME'],
];

/** Variables of the original function that have another name here, or no equivalent. */
const ORIGINAL = ['PROMETHEUS_HOSTED_ZONE_ID', 'INSTALLATIONS_HOSTED_ZONE_ID'];

/** The variables in the environment that try to configure a job. */
export function environmentSettings(env: Environment): string[] {
  return [...Object.keys(REQUIRED), ...ORIGINAL].filter((name) => env[name]);
}

/**
 * One job from environment variables alone.
 *
 * @throws Fault `settings-invalid`, naming every variable that is missing or wrong
 */
export function settingsFromEnvironment(env: Environment): Settings {
  const values: Environment = {
    ...env,
    HOSTED_ZONE_ID: env.HOSTED_ZONE_ID || env.PROMETHEUS_HOSTED_ZONE_ID,
  };
  const faults: string[] = [];
  // A missing variable is reported once; the rest is checked anyway.
  const required = (name: keyof typeof REQUIRED, placeholder: string) => {
    if (!values[name]) faults.push(`${name}: missing; expected ${REQUIRED[name]}`);
    return values[name] || placeholder;
  };
  const {
    HOSTED_ZONE_ID,
    PROMETHEUS_HOSTED_ZONE_ID: older,
    INSTALLATIONS_HOSTED_ZONE_ID: second,
  } = env;
  if (HOSTED_ZONE_ID && older && HOSTED_ZONE_ID !== older) {
    const expected = `the same as PROMETHEUS_HOSTED_ZONE_ID (${older}), or only one of them`;
    faults.push(`HOSTED_ZONE_ID: found ${JSON.stringify(HOSTED_ZONE_ID)}; expected ${expected}`);
  }
  if (second) {
    const expected = 'federation-sync.yml for two lists (infra/from-original.yml)';
    faults.push(
      `INSTALLATIONS_HOSTED_ZONE_ID: found ${JSON.stringify(second)}; expected ${expected}`,
    );
  }
  const also = readAlso(env.ALSO, faults);
  const raw = {
    cluster: { eks: { name: required('CLUSTER_NAME', 'cluster') } },
    jobs: [
      {
        job: env.PROMETHEUS_JOB_NAME || 'federate',
        from: [{ zone: required('HOSTED_ZONE_ID', 'Z1') }],
        select: { name: required('NAME_PATTERN', '.') },
        also,
        to: {
          configMap: {
            namespace: env.NAMESPACE || 'monitoring',
            name: required('CONFIG_MAP_NAME', 'name'),
            key: 'prometheus.yml',
          },
        },
      },
    ],
  };
  try {
    const settings = checkSettings(raw, WHERE, '.');
    if (faults.length === 0) return settings;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    faults.push(...error.details.map(byVariable));
  }
  const details = faults.sort().map((fault) => `${WHERE}: ${fault}`);
  throw new Fault('settings-invalid', details.join('; '), { details });
}

const WHERE = 'the environment';

/** `the environment: jobs[0].from[0].zone: …` -> `HOSTED_ZONE_ID: …` */
function byVariable(detail: string): string {
  const fault = detail.slice(`${WHERE}: `.length);
  const variable = VARIABLES.find(([path]) => fault.startsWith(path))?.[1];
  return variable ? variable + fault.slice(fault.indexOf(':')) : fault;
}

/** `central=host:80,other=host2:80` -> one group per target, with the label clusterID. */
function readAlso(text: string | undefined, faults: string[]) {
  const entries = (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return entries.flatMap((entry) => {
    const at = entry.indexOf('=');
    if (at >= 1) {
      return [{ targets: [entry.slice(at + 1)], labels: { clusterID: entry.slice(0, at) } }];
    }
    const found = JSON.stringify(entry);
    faults.push(`ALSO: found ${found}; expected clusterID=host:port, comma-separated`);
    return [];
  });
}
