import { Fault } from '../fault.ts';
import { checkSettings } from './parse.ts';
import type { Settings } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the original function was configured with; HOSTED_ZONE_ID also under its older name. */
const REQUIRED = ['HOSTED_ZONE_ID', 'CLUSTER_NAME', 'CONFIG_MAP_NAME', 'NAME_PATTERN'] as const;

/** Whether the environment tries to configure a job at all. */
export function hasEnvironmentSettings(env: Environment): boolean {
  return [...REQUIRED, 'PROMETHEUS_HOSTED_ZONE_ID'].some((name) => env[name]);
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
  const details = REQUIRED.filter((name) => !values[name]).map(
    (name) => `the environment: ${name}: nothing stands there; expected ${EXPECTED[name]}`,
  );
  const also = readAlso(env.ALSO, details);
  if (details.length > 0) throw new Fault('settings-invalid', details.join('; '), { details });
  const raw = {
    cluster: { eks: { name: values.CLUSTER_NAME } },
    jobs: [
      {
        job: env.PROMETHEUS_JOB_NAME || 'federate',
        from: [{ zone: values.HOSTED_ZONE_ID }],
        select: { name: values.NAME_PATTERN },
        ...(also.length > 0 && { also }),
        to: {
          configMap: {
            namespace: env.NAMESPACE || 'monitoring',
            name: values.CONFIG_MAP_NAME,
            key: 'prometheus.yml',
          },
        },
      },
    ],
  };
  return checkSettings(raw, 'the environment', '.');
}

const EXPECTED = {
  HOSTED_ZONE_ID: 'a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
  CLUSTER_NAME: "the EKS cluster's name",
  CONFIG_MAP_NAME: "the Prometheus server's ConfigMap",
  NAME_PATTERN: "a pattern of the names that are meant, such as '^[^.]+\\.prometheus\\.internal$'",
};

/** `central=host:80,other=host2:80` -> one group a target, labelled by clusterID. */
function readAlso(text: string | undefined, faults: string[]) {
  return (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const at = entry.indexOf('=');
      if (at < 1) {
        faults.push(
          `the environment: ALSO: "${entry}" stands there; expected clusterID=host:port, comma separated`,
        );
      }
      return { targets: [entry.slice(at + 1)], labels: { clusterID: entry.slice(0, at) } };
    });
}
