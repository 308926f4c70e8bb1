export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of the original function; HOSTED_ZONE_ID also has an older name. */
export const REQUIRED = {
  HOSTED_ZONE_ID: 'a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
  CLUSTER_NAME: "the EKS cluster's name",
  CONFIG_MAP_NAME: "the Prometheus server's ConfigMap",
  NAME_PATTERN: "a pattern of the names to select, such as '^[^.]+\\.prometheus\\.internal$'",
};

export const OLDER = 'PROMETHEUS_HOSTED_ZONE_ID';

/** Variables of the original tools that one job from the environment cannot honor, and the settings that can. */
const OTHERS = {
  'from-original.yml': ['INSTALLATIONS_HOSTED_ZONE_ID'],
  'from-blackbox.yml': [
    'PUBLIC_HOSTED_ZONE_ID',
    'EXCLUDED_TARGETS',
    'ADDITIONAL_TARGETS',
    'PROMETHEUS_SECRET_NAME',
    'BIND_SERVERS',
  ],
  'from-thanos.yml': ['THANOS_NAMESPACE', 'THANOS_CONFIGMAP_NAME', 'THANOS_DEPLOYMENT_NAME'],
};
export const NOT_HONORED = Object.entries(OTHERS).flatMap(([file, names]) =>
  names.map((name) => [name, file] as const),
);

/** The variables in the environment that try to configure a job. */
export function environmentSettings(env: Environment): string[] {
  const others = NOT_HONORED.map(([name]) => name);
  return [...Object.keys(REQUIRED), OLDER, ...others].filter((name) => env[name]);
}
