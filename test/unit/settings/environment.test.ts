import { describe, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import { settingsFromEnvironment } from '../../../src/settings/environment.ts';
import { environmentSettings } from '../../../src/settings/job-variables.ts';
import { parseSettings } from '../../../src/settings/parse.ts';

const env = {
  HOSTED_ZONE_ID: 'Z08214473FVAJ9QTLWTEC',
  CLUSTER_NAME: 'central',
  CONFIG_MAP_NAME: 'prometheus-server',
  NAME_PATTERN: '^[^.]+\\.prometheus\\.internal$',
};
const messageOf = (variables: Record<string, string>): string => {
  try {
    settingsFromEnvironment(variables);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    expect(error).toMatchObject({ code: 'settings-invalid', message: error.details.join('; ') });
    return error.message;
  }
  return '';
};

/** Per fault the variable and what was found, without what is expected. */
const linesOf = (variables: Record<string, string>) =>
  messageOf(variables)
    .split(/(?:^|; )the environment: /)
    .slice(1)
    .map((line) => line.replace(/(?:; expected|, including) .*$/, ''));

test('four variables give one job, as the same settings in a file would', () => {
  const file = parseSettings(
    `
cluster: { eks: { name: central } }
jobs:
  - job: federate
    from: [{ zone: Z08214473FVAJ9QTLWTEC }]
    select: { name: '^[^.]+\\.prometheus\\.internal$' }
    to: { configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml } }
`,
    'file',
    '.',
  );
  expect(settingsFromEnvironment(env)).toEqual(file);
});

describe('the environment', () => {
  test("may keep the original's name of the zone", () => {
    const { HOSTED_ZONE_ID, ...rest } = env;
    const settings = settingsFromEnvironment({
      ...rest,
      PROMETHEUS_HOSTED_ZONE_ID: HOSTED_ZONE_ID,
    });
    expect(settings).toEqual(settingsFromEnvironment(env));
  });

  test('may name the namespace, the job and further targets', () => {
    const [job] = settingsFromEnvironment({
      ...env,
      NAMESPACE: 'observability',
      PROMETHEUS_JOB_NAME: 'federation',
      ALSO: 'central=prometheus-server.monitoring:80, other=host2:80,',
    }).jobs;
    expect(job).toMatchObject({
      name: 'federation',
      job: 'federation',
      also: [
        { address: 'prometheus-server.monitoring:80', labels: { clusterID: 'central' } },
        { address: 'host2:80', labels: { clusterID: 'other' } },
      ],
      to: [{ location: { namespace: 'observability' } }],
    });
  });

  test('also may have any target: what a person writes is not what a record announces', () => {
    const [job] = settingsFromEnvironment({ ...env, ALSO: 'a=localhost:1,b=10.0.0.1:80' }).jobs;
    expect(job?.also.map(({ address }) => address)).toEqual(['localhost:1', '10.0.0.1:80']);
    expect(job?.from[0]?.allowAddresses).toBeUndefined();
  });

  test('takes an empty variable for one that is not set', () => {
    const more = {
      NAMESPACE: '',
      PROMETHEUS_JOB_NAME: '',
      ALSO: '',
      PROMETHEUS_HOSTED_ZONE_ID: '',
    };
    expect(settingsFromEnvironment({ ...env, ...more })).toEqual(settingsFromEnvironment(env));
  });

  test('refuses by name what one job cannot honor, with the settings that can', () => {
    const more = {
      INSTALLATIONS_HOSTED_ZONE_ID: 'Z2',
      BIND_SERVERS: '10.0.0.2:9119',
      THANOS_DEPLOYMENT_NAME: 'query',
    };
    const file = (name: string) =>
      `expected no such variable; use a federation-sync.yml, as in infra/${name}`;
    expect(messageOf({ ...env, ...more }).split('; the environment: ')).toEqual([
      `the environment: BIND_SERVERS: found "10.0.0.2:9119"; ${file('from-blackbox.yml')}`,
      `INSTALLATIONS_HOSTED_ZONE_ID: found "Z2"; ${file('from-original.yml')}`,
      `THANOS_DEPLOYMENT_NAME: found "query"; ${file('from-thanos.yml')}`,
    ]);
    expect(environmentSettings(more)).toEqual(Object.keys(more));
  });

  test('reports each missing variable once', () => {
    expect(linesOf({})).toEqual([
      'CLUSTER_NAME: missing',
      'CONFIG_MAP_NAME: missing',
      'HOSTED_ZONE_ID: missing',
      'NAME_PATTERN: missing',
    ]);
  });

  test('reports a fault of no single variable', () => {
    expect(linesOf({ ...env, ALSO: 'a=b,'.repeat(50_000) })).toEqual(['too many values']);
  });

  test('reports what is missing and what is wrong together, by the names of variables', () => {
    expect(linesOf({ CLUSTER_NAME: 'a b', NAME_PATTERN: '(', ALSO: 'host:80,x=a b,c=' })).toEqual([
      'ALSO: found ""',
      'ALSO: found "a b"',
      'ALSO: found "host:80"',
      'CLUSTER_NAME: found "a b"',
      'CONFIG_MAP_NAME: missing',
      'HOSTED_ZONE_ID: missing',
      'NAME_PATTERN: found "("',
    ]);
    expect(
      linesOf({ ...env, HOSTED_ZONE_ID: 'x.y', CONFIG_MAP_NAME: 'A', NAMESPACE: 'B' }),
    ).toEqual([
      'CONFIG_MAP_NAME: found "A"',
      'HOSTED_ZONE_ID: found "x.y"',
      'NAMESPACE: found "B"',
    ]);
  });

  test('says what each variable should be', () => {
    expect(messageOf({ ALSO: 'host:80' }).split('; the environment: ')).toEqual([
      'the environment: ALSO: found "host:80"; expected clusterID=host:port, comma-separated',
      "CLUSTER_NAME: missing; expected the EKS cluster's name",
      "CONFIG_MAP_NAME: missing; expected the Prometheus server's ConfigMap",
      'HOSTED_ZONE_ID: missing; expected a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
      "NAME_PATTERN: missing; expected a pattern of the names to select, such as '^[^.]+\\.prometheus\\.internal$'",
    ]);
  });
});
