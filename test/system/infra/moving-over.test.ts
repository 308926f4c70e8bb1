import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JobReport } from '../../../src/report.ts';
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { inProcess } from '../acceptance/cli.ts';

/*
 * Each of the three original tools: the document as it writes it (originals/; its structures, marshalled by the library
 * that it uses), the settings of infra/ with nothing changed, and zones that the document was made from.
 */

const infra = join(import.meta.dirname, '../../../infra');
const original = (name: string) =>
  readFileSync(join(import.meta.dirname, 'originals', name), 'utf8');
const SERVER = 'mattermost-cm-prometheus-server';

let world: Emulators;
const folder = temporaryFolder('moving-over');
beforeEach(async () => {
  await world?.close();
  world = await startEmulators({ region: 'us-east-1' });
  world.addAccessEntry(world.credentials.arn, { groups: ['admins'] });
  world.kubernetes.grant(
    { group: 'admins' },
    {
      namespace: 'monitoring',
      verbs: ['get', 'patch', 'create'],
      resources: ['configmaps', 'secrets'],
    },
  );
  world.kubernetes.put({ kind: 'Namespace', metadata: { name: 'monitoring' } });
});
afterAll(async () => {
  await world.close();
  removeFolder(folder);
});

/** `two.cloud.example.com TXT blue` */
const set = (text: string) => {
  const [name, type = 'CNAME', id] = text.split(' ');
  return {
    Name: `${name}.`,
    Type: type as 'CNAME',
    TTL: 60,
    ...(id && { SetIdentifier: id, Weight: 1 }),
    ResourceRecords: [{ Value: type === 'TXT' ? '"x"' : 'lb.elb.amazonaws.com' }],
  };
};
const zone = (id: string, name: string, ...sets: string[]) => {
  world.aws.route53.createZone({
    id,
    name,
    private: !id.includes('PUBLIC') && !id.includes('INST'),
  });
  world.aws.route53.upsert(id, sets.map(set));
};
const change = (id: string, removed: string, added: string) => {
  const { Name, Type, SetIdentifier } = set(removed);
  world.aws.route53.delete(id, [{ Name, Type, ...(SetIdentifier && { SetIdentifier }) }]);
  world.aws.route53.upsert(id, [set(added)]);
};
const put = (
  kind: 'ConfigMap' | 'Secret',
  name: string,
  key: string,
  text: string,
  annotations = {},
) =>
  world.kubernetes.put({
    kind,
    metadata: { name, namespace: 'monitoring', annotations },
    ...(kind === 'Secret' && { type: 'Opaque' }),
    data: { [key]: kind === 'Secret' ? Buffer.from(text).toString('base64') : text },
  } as never);
const stored = (kind: string, name: string) =>
  world.kubernetes.get(kind, 'monitoring', name) as unknown as {
    metadata: { annotations?: Record<string, string> };
    data: Record<string, string>;
  };

/** A command with these settings, in a folder where they are. */
async function run(settings: string, ...args: string[]) {
  for (const name of [settings, 'from-blackbox-template.yml'])
    writeFileSync(join(folder, name), readFileSync(join(infra, name)));
  const { stdout, stderr, code } = await inProcess(
    folder,
    [...args, '--config', settings, '--json'],
    world.env,
  );
  if (stdout === '') throw new Error(stderr);
  return { code, jobs: JSON.parse(stdout).jobs as JobReport[] };
}
const SAME = { status: 'unchanged', added: [], removed: [], changed: [], skipped: [] };

describe('the original Lambda, with its two lists', () => {
  const text = () => stored('ConfigMap', SERVER).data['prometheus.yml'] ?? '';
  const settings = 'from-original.yml';
  beforeEach(() => {
    put('ConfigMap', SERVER, 'prometheus.yml', original('prometheus.yml'));
    for (const [id, name, file] of [
      ['ZPROMETHEUSHOSTEDZONEID', 'internal', 'prometheus-zone.json'],
      ['ZINSTALLATIONSHOSTEDZONEID', 'cloud.mattermost.com', 'installations-zone.json'],
    ] as const) {
      zone(id, name);
      world.aws.route53.upsert(id, JSON.parse(original(file)).ResourceRecordSets);
    }
  });

  test('has written what our settings want, and the first sync only adopts it', async () => {
    expect((await run(settings, 'plan')).jobs).toMatchObject([SAME, SAME]);
    expect((await run(settings, 'sync')).jobs).toMatchObject([SAME, SAME]);
    expect(text()).toBe(original('prometheus.yml'));
    expect(stored('ConfigMap', SERVER).metadata.annotations).toMatchObject({
      'route53-federation-sync/managed': 'blackbox,federate',
    });
  });

  test('is followed by lists that equal the zones', async () => {
    await run(settings, 'sync');
    const internal = 'prometheus.internal';
    change('ZPROMETHEUSHOSTEDZONEID', `cluster1.${internal}`, `cluster3.${internal}`);
    const staging = 'staging.cloud.mattermost.com';
    change('ZINSTALLATIONSHOSTEDZONEID', `one.${staging}`, `three.${staging}`);
    expect((await run(settings, 'sync')).jobs).toMatchObject([
      { status: 'written', removed: [`cluster1.${internal}.`], added: [`cluster3.${internal}.`] },
      { status: 'written', removed: [`one.${staging}./api/v4/system/ping`] },
    ]);
    const { scrape_configs: configs, ...rest } = parse(text());
    const { scrape_configs: before, ...restBefore } = parse(original('prometheus.yml'));
    expect(rest).toEqual(restBefore);
    expect(configs[0].static_configs).toEqual([
      ...before[0].static_configs.slice(1, 2),
      { targets: [`cluster3.${internal}.`], labels: { clusterID: 'cluster3' } },
      ...before[0].static_configs.slice(2),
    ]);
    const targets = configs[1].static_configs.flatMap(
      (group: { targets: string[] }) => group.targets,
    );
    expect(targets).toEqual([
      'community-daily.mattermost.com/api/v4/system/ping',
      'community-release.mattermost.com/api/v4/system/ping',
      'community.mattermost.com/api/v4/system/ping',
      `three.${staging}./api/v4/system/ping`,
      `two.${staging}./api/v4/system/ping`,
    ]);
    expect((await run(settings, 'sync')).jobs).toMatchObject([SAME, SAME]);
  });

  test('leaves names of TXT records and duplicates, which go by a person alone', async () => {
    const odd = ['owner.prometheus.internal.', 'cluster1.prometheus.internal.'].map(
      (name) =>
        `  - targets:\n    - ${name}\n    labels:\n      clusterID: ${name.split('.')[0]}\n`,
    );
    const before = original('prometheus.yml').replace(
      /( {2}static_configs:\n)/,
      (key) => key + odd.join(''),
    );
    put('ConfigMap', SERVER, 'prometheus.yml', before);
    world.aws.route53.upsert('ZPROMETHEUSHOSTEDZONEID', [set('owner.prometheus.internal TXT')]);
    const first = await run(settings, 'plan', '--job', 'federate');
    expect(first).toMatchObject({
      code: 3,
      jobs: [
        {
          status: 'refused',
          removed: ['cluster1.prometheus.internal.'],
          withheld: ['owner.prometheus.internal.'],
          error: { code: 'guard-adopt' },
        },
      ],
    });
    const forced = await run(settings, 'sync', '--job', 'federate', '--force');
    expect(forced.jobs).toMatchObject([{ status: 'written', added: [] }]);
    expect([...(forced.jobs[0]?.removed ?? [])].sort()).toEqual([
      'cluster1.prometheus.internal.',
      'owner.prometheus.internal.',
    ]);
  });

  test('without its relabelling, which an upgrade drops, is refused', async () => {
    await run(settings, 'sync');
    const dropped = text().replace(/( {2}relabel_configs:)\n {2}- source[\s\S]*$/, '$1 []\n');
    // Helm's merge keeps annotations that are not its own.
    const { metadata } = stored('ConfigMap', SERVER);
    put('ConfigMap', SERVER, 'prometheus.yml', dropped, metadata.annotations);
    const { code, jobs } = await run(settings, 'sync', '--job', 'blackbox');
    expect({ code, jobs }).toMatchObject({
      code: 3,
      jobs: [{ status: 'refused', added: [], error: { code: 'guard-min-targets' } }],
    });
    expect(jobs[0]?.error?.remedy).toContain('relabel_configs');
  });

  test('has a document that init understands', async () => {
    const made = await inProcess(
      folder,
      ['init', 'made.yml', '--force', '--cluster', 'central', '--namespace', 'monitoring'].concat([
        '--configmap',
        SERVER,
        '--zone',
        'ZPROMETHEUSHOSTEDZONEID',
        '--zone',
        'ZINSTALLATIONSHOSTEDZONEID',
        '--public',
      ]),
      world.env,
    );
    expect(made.stderr).not.toContain('error');
    expect(made.code).toBe(0);
    const planned = await inProcess(folder, ['plan', '--config', 'made.yml', '--json'], world.env);
    expect(JSON.parse(planned.stdout).jobs).toMatchObject([SAME, SAME]);
  });

  test('moves its first list over by the environment alone', async () => {
    const env = {
      ...world.env,
      PROMETHEUS_HOSTED_ZONE_ID: 'ZPROMETHEUSHOSTEDZONEID',
      CLUSTER_NAME: 'central',
      CONFIG_MAP_NAME: SERVER,
      NAME_PATTERN: '\\.prometheus\\.internal',
      ALSO: 'C&C=mattermost-cm-prometheus-client-server.monitoring:80',
    };
    const empty = temporaryFolder('environment');
    const { stdout } = await inProcess(empty, ['plan', '--json'], env);
    removeFolder(empty);
    expect(JSON.parse(stdout).jobs).toMatchObject([SAME]);
  });
});

describe('cloud-blackbox-target-discovery', () => {
  const settings = 'from-blackbox.yml';
  const key = 'scrape_config_secret.yaml';
  const text = () =>
    Buffer.from(stored('Secret', 'blackbox-targets').data[key] ?? '', 'base64').toString();
  const lists = () =>
    parse(text()).map((config: { static_configs: unknown }) => config.static_configs);
  beforeEach(() => {
    zone(
      'ZPUBLICHOSTEDZONEID',
      'cloud.example.com',
      ...['one blue', 'two blue', 'three [hibernating]', 'vpn blue', '_acme blue', 'www'].map(
        (it) => it.replace(/^\S+/, '$&.cloud.example.com CNAME'),
      ),
    );
    zone('ZPRIVATEHOSTEDZONEID', 'internal.example.com', 'c1-grpc.internal.example.com', 'c1.x');
  });

  test('has written what our settings want, and the first sync only adopts it', async () => {
    put('Secret', 'blackbox-targets', key, original(key));
    expect((await run(settings, 'plan')).jobs).toMatchObject([SAME, SAME]);
    expect((await run(settings, 'sync')).jobs).toMatchObject([SAME, SAME]);
    expect(text()).toBe(original(key));
    expect(stored('Secret', 'blackbox-targets').metadata.annotations).toMatchObject({
      'route53-federation-sync/managed': 'bind-server-1,blackbox',
    });
  });

  test('is followed by a list that equals the zones, still in one group', async () => {
    put('Secret', 'blackbox-targets', key, original(key));
    await run(settings, 'sync');
    const name = (it: string) => `${it}.cloud.example.com CNAME blue`;
    change('ZPUBLICHOSTEDZONEID', name('one'), name('four'));
    expect((await run(settings, 'sync')).jobs).toMatchObject([
      {
        status: 'written',
        removed: ['one.cloud.example.com/api/v4/system/ping'],
        added: ['four.cloud.example.com/api/v4/system/ping'],
      },
      SAME,
    ]);
    expect(lists()[0]).toEqual([
      {
        targets: [
          'c1-grpc.internal.example.com.:9090',
          'four.cloud.example.com/api/v4/system/ping',
          'https://community.example.com/api/v4/system/ping',
          'two.cloud.example.com/api/v4/system/ping',
        ],
        labels: { module: 'http_2xx' },
      },
    ]);
    expect(text().replace(/ {4}- .*ping\n| {4}- .*:9090\n/g, '')).toBe(
      original(key).replace(/ {4}- .*ping\n| {4}- .*:9090\n/g, ''),
    );
  });

  test('is not needed for the Secret to exist', async () => {
    expect((await run(settings, 'sync')).jobs).toMatchObject([
      { status: 'written', targets: 4 },
      { status: 'written', targets: 1 },
    ]);
    const documents = parse(text());
    expect(documents[0].relabel_configs).toHaveLength(4);
    expect(lists()[0]).toHaveLength(1);
    expect(lists()[0][0].targets).toHaveLength(4);
    expect(lists()[1]).toEqual([{ targets: ['10.0.0.2:9119'] }]);
    expect((await run(settings, 'sync')).jobs).toMatchObject([SAME, SAME]);
  });
});

describe('cloud-thanos-store-discovery', () => {
  const settings = 'from-thanos.yml';
  const key = 'servicediscovery.yml';
  const text = () => stored('ConfigMap', 'thanos-query-sd').data[key] ?? '';
  beforeEach(() => {
    put('ConfigMap', 'thanos-query-sd', key, original(key));
    zone(
      'ZPRIVATEHOSTEDZONEID',
      'internal.example.com',
      ...['c1-grpc', 'c2-grpc', 'c1'].map((it) => `${it}.internal.example.com`),
    );
  });

  test('has written what our settings want, and the first sync only adopts it', async () => {
    expect((await run(settings, 'plan')).jobs).toMatchObject([SAME]);
    expect((await run(settings, 'sync')).jobs).toMatchObject([SAME]);
    expect(text()).toBe(original(key));
    expect(stored('ConfigMap', 'thanos-query-sd').metadata.annotations).toMatchObject({
      'route53-federation-sync/managed': 'thanos',
    });
  });

  test('is followed by a list that equals the zone', async () => {
    await run(settings, 'sync');
    change('ZPRIVATEHOSTEDZONEID', 'c1-grpc.internal.example.com', 'c3-grpc.internal.example.com');
    expect((await run(settings, 'sync')).jobs).toMatchObject([{ status: 'written' }]);
    expect(text()).toBe(
      '- targets:\n  - c2-grpc.internal.example.com.:10901\n  - c3-grpc.internal.example.com.:10901\n',
    );
    expect((await run(settings, 'sync')).jobs).toMatchObject([SAME]);
  });
});
