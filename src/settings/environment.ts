import { Fault } from '../fault.ts';
import type { Settings } from '../job.ts';
import { type Environment, NOT_HONORED, OLDER, REQUIRED } from './job-variables.ts';
import { checkSettings } from './parse.ts';

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

/** The variables that make up a job, as they are set. */
export function jobVariables(env: Environment): Record<string, string> {
  const names = [...VARIABLES.map(([, name]) => name), OLDER];
  return Object.fromEntries(
    names.flatMap((name) => (env[name] ? [[name, env[name]] as const] : [])),
  );
}

/**
 * One job from environment variables alone.
 *
 * @throws Fault `settings-invalid`, naming every variable that is missing or wrong
 */
export function settingsFromEnvironment(env: Environment): Settings {
  const values: Environment = {
    ...env,
    HOSTED_ZONE_ID: env.HOSTED_ZONE_ID || env[OLDER],
  };
  const faults: string[] = [];
  // A missing variable is reported once; the rest is checked anyway.
  const required = (name: keyof typeof REQUIRED, placeholder: string) => {
    if (!values[name]) faults.push(`${name}: missing; expected ${REQUIRED[name]}`);
    return values[name] || placeholder;
  };
  const { HOSTED_ZONE_ID, [OLDER]: older } = env;
  if (HOSTED_ZONE_ID && older && HOSTED_ZONE_ID !== older) {
    const expected = `the same as PROMETHEUS_HOSTED_ZONE_ID (${older}), or only one of them`;
    faults.push(`HOSTED_ZONE_ID: found ${JSON.stringify(HOSTED_ZONE_ID)}; expected ${expected}`);
  }
  for (const [name, file] of NOT_HONORED) {
    if (!env[name]) continue;
    const expected = `no such variable; use a federation-sync.yml, as in infra/${file}`;
    faults.push(`${name}: found ${JSON.stringify(env[name])}; expected ${expected}`);
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
