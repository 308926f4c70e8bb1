import { chmodSync } from 'node:fs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Emulators, startEmulators } from '../../../support/emulators/emulators.ts';
import { folderWith, prometheusYml, run, zoneOf } from '../run.ts';

interface Finding {
  readonly status: string;
  readonly about: string;
  readonly message: string;
  readonly remedy?: string;
  readonly code?: string;
}

const ROLE = 'arn:aws:iam::210987654321:role/reader';
const OBJECT = 'configmap/monitoring/prometheus-server';

const settings = (more = '') => String.raw`
cluster: { eks: { name: central, region: eu-west-1 } }
jobs:
  - job: federate
    from: [{ zone: Z1 }]
    select: { name: '\.prometheus\.internal$' }
    to:
      configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml }
      ${more}
`;

let emulators: Emulators;
const ours = () => emulators.credentials.arn;

beforeEach(async () => {
  emulators = await startEmulators();
  for (const [name, value] of Object.entries(emulators.env)) vi.stubEnv(name, value);
  const { aws, kubernetes } = emulators;
  aws.route53.createZone({ id: 'Z1', name: 'prometheus.internal' });
  aws.route53.upsert('Z1', [{ Name: 'a.prometheus.internal', Type: 'CNAME' }]);
  kubernetes.put({
    kind: 'ConfigMap',
    metadata: { namespace: 'monitoring', name: 'prometheus-server' },
    data: { 'prometheus.yml': prometheusYml('a.prometheus.internal. clusterID=a') },
  });
  emulators.addAccessEntry(ours(), { groups: ['federation-sync'] });
  allow(['get', 'patch']);
  return async () => {
    vi.unstubAllEnvs();
    await emulators.close();
  };
});

const group = { group: 'federation-sync' };
function allow(verbs: string[], resources = ['configmaps'], names?: string[] | 'all') {
  const only = names === 'all' ? {} : { names: names ?? ['prometheus-server'] };
  emulators.kubernetes.grant(group, { namespace: 'monitoring', verbs, resources, ...only });
}

async function doctor(text = settings(), files: Record<string, string | object> = {}) {
  const folder = folderWith({ 'federation-sync.yml': text, ...files });
  const { code, json } = await run(folder, ['doctor', '--json']);
  const findings: Finding[] = json.findings;
  const of = (status: string) => findings.filter((finding) => finding.status === status);
  return { code, findings, failures: of('failure'), warnings: of('warning') };
}

const texts = (findings: readonly Finding[]) =>
  findings.map(({ status, about, message }) => `${status} ${about}: ${message}`);

test('an install with least privilege is healthy except for what it may not see', async () => {
  const { code, findings } = await doctor();
  expect(code).toBe(0);
  expect(texts(findings)).toEqual([
    'ok settings: 1 job, 1 place',
    `ok AWS: ${ours()}`,
    'ok zone Z1: route53:GetHostedZone returned prometheus.internal, private, 3 record sets',
    'ok zone Z1: route53:ListResourceRecordSets is allowed; resolvers cache a missing name for 900 s (SOA)',
    `note event path: could not be checked: could not list the rules of EventBridge in us-east-1: User: ${ours()} is not authorized to perform: events:ListRules because no identity-based policy allows the events:ListRules action`,
    'ok cluster central: eks:DescribeCluster returned ACTIVE, Kubernetes 1.34, endpoint in its VPC only',
    expect.stringMatching(/^ok cluster central: Kubernetes v1\.\S+ answers$/),
    `ok cluster central: authenticates us as ${ours()} in federation-sync`,
    `ok ${OBJECT}: RBAC allows get, patch`,
    'ok RBAC: allows no more than needed',
    expect.stringMatching(/^ok configmap\S+: \d+ of 1048576 bytes used$/),
    `ok ${OBJECT}: not adopted`,
    `warning ${OBJECT}: how pods mount it was not checked: that needs permission to list pods, which a sync does not`,
    `ok federate in ${OBJECT}:prometheus.yml: the list has 1 target; not adopted yet: the first sync refuses to remove any`,
  ]);
});

test('it writes nothing: it only reads, and creates access reviews', async () => {
  await doctor();
  const calls = emulators.faults.calls.map(({ operation, method, service }) =>
    service === 'kubernetes' ? operation : `${service} ${method}`,
  );
  expect(new Set(calls.filter((call) => !call.endsWith(' GET')))).toEqual(
    new Set([
      'sts POST',
      // ListRules
      'events POST',
      'GET /version',
      'get configmaps',
      'create selfsubjectreviews',
      'create selfsubjectaccessreviews',
    ]),
  );
});

describe('AWS', () => {
  test('without credentials there is one failure, and no other call', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, '');
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
    const { code, failures } = await doctor();
    expect(code).toBe(1);
    expect(failures).toMatchObject([{ about: 'AWS', code: 'aws-credentials' }]);
    expect(emulators.faults.calls).toEqual([]);
  });

  test.each([
    ['route53:GetHostedZone', 'zone Z1', 'zone-forbidden'],
    ['route53:ListResourceRecordSets', 'zone Z1', 'zone-forbidden'],
    ['eks:DescribeCluster', 'cluster central', 'cluster-forbidden'],
  ])('%s is missed by itself', async (action, about, code) => {
    emulators.aws.identity.deny(action);
    const { failures } = await doctor();
    expect(failures).toMatchObject([{ about, code, message: expect.stringContaining(action) }]);
    expect(failures[0]?.remedy).toContain(action);
  });

  test('a zone that is public, missing, or other than in the pattern is reported', async () => {
    emulators.aws.route53.createZone({ id: 'Z2', name: 'example.com', private: false });
    emulators.aws.route53.createZone({ id: 'Z3', name: 'example.org' });
    const text = settings().replace('[{ zone: Z1 }]', '[{ zone: Z2 }, { zone: Z3 }, { zone: Z4 }]');
    const { failures, warnings } = await doctor(text);
    expect(failures).toMatchObject([
      { about: 'zone Z2', code: 'zone-public' },
      { about: 'zone Z4', code: 'zone-missing' },
    ]);
    expect(texts(warnings)).toContain(
      String.raw`warning zone Z3: select.name \.prometheus\.internal$ matches no name that ends in example.org`,
    );
  });

  test('a role that cannot be assumed is reported before its zone is tried', async () => {
    emulators.aws.identity.addRole({ arn: ROLE, externalId: 'right' });
    emulators.aws.route53.createZone({
      id: 'Z9',
      name: 'prometheus.internal',
      account: '210987654321',
    });
    const zone = (externalId: string) =>
      settings().replace(
        '[{ zone: Z1 }]',
        `[{ zone: Z9, roleArn: '${ROLE}', externalId: ${externalId} }]`,
      );
    const wrong = await doctor(zone('wrong'));
    expect(wrong.failures).toMatchObject([{ about: 'zone Z9', code: 'role-forbidden' }]);
    const right = await doctor(zone('right'));
    expect(right.code).toBe(0);
    expect(texts(right.findings)).toContain(`ok zone Z9: sts:AssumeRole returned ${ROLE}`);
  });
});

describe('the cluster', () => {
  test('that does not know us is one failure', async () => {
    emulators.kubernetes.authenticators.length = 0;
    const { failures } = await doctor();
    expect(failures).toMatchObject([{ about: 'cluster central', code: 'kubernetes-unauthorized' }]);
  });

  test('that is not there is one failure', async () => {
    const text = settings().replace('central, region', 'other, region');
    const { failures } = await doctor(text);
    expect(failures).toMatchObject([{ about: 'cluster other', code: 'cluster-missing' }]);
  });

  test('is found by KUBECONFIG where the settings name none, and needs no AWS then', async () => {
    const text = settings()
      .replace(/cluster: .*/, '')
      .replace('zone: Z1', 'records: zone.json');
    const folder = folderWith({
      'federation-sync.yml': text,
      'zone.json': zoneOf('a.prometheus.internal. A'),
      kubeconfig: emulators.kubernetes.kubeconfig(),
    });
    const { code, json } = await run(folder, ['doctor', '--json'], {
      KUBECONFIG: `${folder}/kubeconfig`,
    });
    expect(code).toBe(0);
    const findings: Finding[] = json.findings;
    expect(findings.some(({ about }) => about === 'AWS')).toBe(false);
    expect(texts(findings)).toContain('warning RBAC: we have all rights in this cluster');
  });
});

describe('RBAC', () => {
  test('a verb too few is a failure, with the command that grants it', async () => {
    const role = emulators.kubernetes.get('Role', 'monitoring', 'granted-1');
    emulators.kubernetes.put({
      ...role!,
      rules: [{ ...(role!.rules as object[])[0], verbs: ['get'] }],
    });
    const { code, failures } = await doctor();
    expect(code).toBe(1);
    expect(texts(failures)).toEqual([`failure ${OBJECT}: RBAC does not allow patch`]);
    expect(failures[0]?.remedy).toContain('federation-sync policy kubernetes | kubectl apply -f -');
  });

  test.each([
    [['delete'], undefined, `delete on ${OBJECT}`],
    [['list', 'update'], 'all' as const, 'list, update on all configmaps in monitoring'],
    [['get', 'patch'], 'all' as const, 'get, patch on all configmaps in monitoring'],
    [['create'], 'all' as const, 'create on all configmaps in monitoring'],
  ])('more than needed is a warning: %s', async (verbs, names, extra) => {
    allow(verbs, ['configmaps'], names);
    const { code, warnings } = await doctor();
    expect(code).toBe(0);
    expect(texts(warnings)).toContain(`warning RBAC: allows more than needed: ${extra}`);
  });

  test('create is needed where a place has create: true', async () => {
    const text = settings('format: file_sd\n      create: true').replace(
      'name: prometheus-server',
      'name: targets',
    );
    allow(['get', 'patch'], ['configmaps'], ['targets']);
    const without = await doctor(text);
    expect(texts(without.failures)).toEqual([
      'failure configmap/monitoring/targets: RBAC does not allow create',
    ]);
    allow(['create'], ['configmaps'], 'all');
    const { code, findings } = await doctor(text);
    expect(code).toBe(0);
    expect(texts(findings)).toEqual(
      expect.arrayContaining([
        'ok configmap/monitoring/targets: RBAC allows get, patch, create',
        'ok RBAC: allows no more than needed',
        'ok federate in configmap/monitoring/targets:prometheus.yml: no list yet: the first sync creates it',
      ]),
    );
  });
});

test.each(['job', 'instance'])('a label %s is warned of', async (label) => {
  const text = settings().replace('    to:', `    labels: { ${label}: '{label}' }\n    to:`);
  const { code, warnings } = await doctor(text);
  expect(code).toBe(0);
  expect(texts(warnings)).toContain(
    `warning federate: the label ${label} replaces the one that Prometheus sets`,
  );
});

test('a job that selects nothing is warned of, with the names that it left out', async () => {
  const text = settings().replace(String.raw`'\.prometheus\.internal$'`, () => "'^x$'");
  const { warnings } = await doctor(text);
  expect(texts(warnings).join('\n')).toMatch(/a sync would be refused: .*a\.prometheus\.internal/);
});

describe('the object', () => {
  const put = (object: { metadata?: object; data?: object; [field: string]: unknown }) => {
    const before = emulators.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server')!;
    emulators.kubernetes.delete('ConfigMap', 'monitoring', 'prometheus-server');
    const { name, namespace } = before.metadata;
    emulators.kubernetes.put({
      ...before,
      ...object,
      metadata: { name, namespace, ...object.metadata },
    });
  };

  test('of a Helm release is a warning that names the way that lasts', async () => {
    put({ metadata: { annotations: { 'meta.helm.sh/release-name': 'central' } } });
    const { warnings } = await doctor();
    expect(warnings[0]).toMatchObject({
      about: OBJECT,
      message: expect.stringContaining('Helm release central owns it'),
      remedy: expect.stringContaining('file_sd'),
    });
  });

  test('that is immutable is a failure', async () => {
    put({ immutable: true });
    expect(texts((await doctor()).failures)).toEqual([`failure ${OBJECT}: it is immutable`]);
  });

  test('that is nearly full is a warning', async () => {
    const { data } = emulators.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server')!;
    put({ data: { ...(data as object), other: 'x'.repeat(900_000) } });
    expect(texts((await doctor()).warnings)[0]).toMatch(/9\d{5} of 1048576 bytes used$/);
  });

  test('that is adopted, or paused, is reported as such', async () => {
    const annotations = { 'route53-federation-sync/managed': 'federate' };
    put({ metadata: { annotations } });
    expect(texts((await doctor()).findings)).toContain(`ok ${OBJECT}: adopted for federate`);
    put({
      metadata: { annotations: { ...annotations, 'route53-federation-sync/paused': 'true' } },
    });
    const { warnings } = await doctor();
    expect(texts(warnings)).toContain(
      `warning federate in ${OBJECT}:prometheus.yml: the list has 1 target and is paused: no sync changes it`,
    );
  });

  test.each([
    ['job: federate', 'job: other', 'job-missing'],
    ['key: prometheus.yml', 'key: other.yml', 'key-missing'],
    ['name: prometheus-server', 'name: other', 'object-missing'],
  ])('without its %s is a failure', async (from, to, code) => {
    allow(['get', 'patch'], ['configmaps'], ['other']);
    const { failures } = await doctor(settings().replace(from, to));
    expect(failures).toMatchObject([{ code }]);
  });

  test('mounted by subPath is a failure, seen where pods may be listed', async () => {
    allow(['list'], ['pods'], 'all');
    emulators.kubernetes.put({
      kind: 'Pod',
      metadata: { namespace: 'monitoring', name: 'server-0' },
      spec: {
        containers: [
          {
            name: 'prometheus',
            image: 'prometheus',
            volumeMounts: [{ name: 'config', mountPath: '/etc/config/p.yml', subPath: 'p.yml' }],
          },
        ],
        volumes: [{ name: 'config', configMap: { name: 'prometheus-server' } }],
      },
    });
    const { failures } = await doctor();
    expect(texts(failures)).toEqual([
      `failure ${OBJECT}: pod server-0 mounts it with subPath (container prometheus, /etc/config/p.yml): it never receives an update`,
    ]);
  });
});

describe('settings and files', () => {
  const files = `
jobs:
  - job: federate
    from: [{ records: zone.json }]
    select: { name: 'x' }
    to: { file: prometheus.yml, prometheus: 'http://127.0.0.1:1' }
`;

  test('faulty settings are failures, one each', async () => {
    const { code, failures } = await doctor('jobs:\n  - job: federate\n    to: { flie: x }\n');
    expect(code).toBe(1);
    expect(failures.length).toBeGreaterThan(1);
    expect(new Set(failures.map(({ about }) => about))).toEqual(new Set(['settings']));
  });

  test('missing settings are a failure', async () => {
    const { code, json } = await run(folderWith({}), ['doctor', '--json']);
    expect([code, json.failures]).toEqual([1, 1]);
    expect(json.findings[0]).toMatchObject({ code: 'settings-missing' });
  });

  test('files need no cluster and no AWS; a server that verify would ask is only warned of', async () => {
    const zone = zoneOf('x.internal. A');
    const { code, findings, warnings } = await doctor(files, {
      'zone.json': zone,
      'prometheus.yml': prometheusYml(),
    });
    expect(code).toBe(0);
    expect(texts(findings.slice(2, 4))).toEqual([
      'ok file:prometheus.yml: is writable',
      'ok federate in file:prometheus.yml: the list has 0 targets',
    ]);
    expect(warnings).toMatchObject([{ about: 'Prometheus', code: 'prometheus-unreachable' }]);
  });

  test('records that lead to an address instead of a name are warnings', async () => {
    const text = (more: string) => files.replace('from:', `${more}\n    from:`);
    const loop = { Name: 'x.internal.', Type: 'A', ResourceRecords: [{ Value: '127.0.0.1' }] };
    const more = { 'zone.json': { ResourceRecordSets: [loop] }, 'prometheus.yml': prometheusYml() };
    expect(texts((await doctor(text("target: '{label}:9090'"), more)).warnings)).toContain(
      'warning federate: 1 record set skipped: address-not-allowed, x:9090 is a single label, which resolves to whatever its search list has; allowAddresses: true in its from allows that',
    );
    expect(texts((await doctor(files, more)).warnings)).toContain(
      'warning federate: x.internal. A has 127.0.0.1: there, Prometheus scrapes itself or a metadata service',
    );
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be written is a failure', async () => {
    const folder = folderWith({
      'federation-sync.yml': files,
      'zone.json': zoneOf('x.internal. A'),
      'prometheus.yml': prometheusYml(),
    });
    chmodSync(`${folder}/prometheus.yml`, 0o400);
    const { code, json } = await run(folder, ['doctor', '--json']);
    expect(code).toBe(1);
    expect(texts(json.findings)).toContain(
      `failure file:prometheus.yml: no permission to write ${folder}/prometheus.yml`,
    );
  });

  test('a table for people ends in the counts', async () => {
    const folder = folderWith({
      'federation-sync.yml': files,
      'prometheus.yml': prometheusYml(),
    });
    const { stdout } = await run(folder, ['doctor']);
    expect(stdout.replaceAll(folder, '')).toMatchInlineSnapshot(`
      "ok       settings                         1 job, 1 place
      failure  file zone.json                   records-unreadable: the records file /zone.json cannot be read (ENOENT)
                                                -> Write the file with: aws route53 list-resource-record-sets --hosted-zone-id ID > FILE
      ok       file:prometheus.yml              is writable
      ok       federate in file:prometheus.yml  the list has 0 targets
      warning  Prometheus                       prometheus-unreachable: http://127.0.0.1:1: connection refused
                                                -> Check the URL and the network path; from outside the cluster: kubectl port-forward service/prometheus-server 9090:80
      1 failure, 1 warning
      "
    `);
  });
});
