import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmulators } from '../../../support/emulators/emulators.ts';
import { folderWith, prometheusYml, run, zoneOf } from '../run.ts';
import { serve } from './central.ts';

const ZONE = zoneOf(
  'example.com. SOA',
  'prometheus1.example.com. CNAME',
  'prometheus2.example.com. CNAME',
  'prometheus2.example.com. TXT',
  'grafana.example.com. A',
);
const LIST = [
  'prometheus-server.monitoring:80 clusterID=central',
  'prometheus1.example.com. clusterID=cluster1',
  'prometheus2.example.com. clusterID=cluster2',
];
const FLAGS = ['--records', 'zone.json', '--file', 'prometheus.yml'];

const installed = (files: Record<string, string | object> = {}) =>
  folderWith({ 'zone.json': ZONE, 'prometheus.yml': prometheusYml(...LIST), ...files });

const settingsIn = (folder: string) => readFileSync(join(folder, 'federation-sync.yml'), 'utf8');

test('writes settings from a live list and its zone', async () => {
  const folder = installed();
  const { code, stdout } = await run(folder, ['init', ...FLAGS]);
  expect(code).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "federation-sync.yml: the first plan shows no changes
      federate: names like ^prometheus(?<n>[0-9]+)\\.example\\.com$
        0 excluded, 1 in also
        also: prometheus-server.monitoring:80  clusterID=central
        also: no record of the zone explains these; a sync keeps them, and the guard does not count them
    federation-sync.schema.json: for completion in an editor
    Next: federation-sync doctor, then federation-sync plan
    "
  `);
  expect(settingsIn(folder)).toMatchInlineSnapshot(`
    "# yaml-language-server: $schema=federation-sync.schema.json
    # Settings for file:prometheus.yml, written by federation-sync init.
    # The first plan shows no changes; review the lines marked below.

    jobs:
      - job: federate
        from:
          - records: zone.json # example.com
        select:
          name: '^prometheus(?<n>[0-9]+)\\.example\\.com$'
        target: '{name}'
        labels:
          clusterID: 'cluster{n}'
        # In the list without a matching record, or with other labels than its record would have.
        also:
          - targets: ['prometheus-server.monitoring:80']
            labels: { clusterID: central }
        to:
          file: prometheus.yml
    "
  `);
});

const FIRST_LINE = /^# yaml-language-server: \$schema=(.*)$/m;
const SCHEMA = 'federation-sync.schema.json';

describe('the first line names the JSON Schema for editors', () => {
  test('which is written next to the settings where no package is installed', async () => {
    const folder = installed();
    await run(folder, ['init', ...FLAGS]);
    expect(FIRST_LINE.exec(settingsIn(folder))?.[1]).toBe(SCHEMA);
    const { stdout } = await run(folder, ['schema']);
    expect(readFileSync(join(folder, SCHEMA), 'utf8')).toBe(stdout);
    writeFileSync(join(folder, SCHEMA), stdout.replace('0.', '9.'));
    await run(folder, ['init', ...FLAGS, '--force']);
    expect(readFileSync(join(folder, SCHEMA), 'utf8')).toBe(stdout);
  });

  test('where a file of that name is not ours, it stays', async () => {
    const folder = installed({ [SCHEMA]: '{}' });
    await run(folder, ['init', ...FLAGS]);
    expect(readFileSync(join(folder, SCHEMA), 'utf8')).toBe('{}');
  });

  test('in the package that the project has installed', async () => {
    const folder = installed();
    const dist = 'node_modules/route53-federation-sync/dist';
    mkdirSync(join(folder, dist), { recursive: true });
    writeFileSync(join(folder, dist, SCHEMA), '{}');
    mkdirSync(join(folder, 'deploy'));
    await run(folder, ['init', 'deploy/settings.yml', ...FLAGS]);
    const text = readFileSync(join(folder, 'deploy/settings.yml'), 'utf8');
    expect(FIRST_LINE.exec(text)?.[1]).toBe(`../${dist}/${SCHEMA}`);
    expect(existsSync(join(folder, 'deploy', SCHEMA))).toBe(false);
  });

  test('which standard output leaves to the reader to write', async () => {
    const folder = installed();
    const { stdout, stderr } = await run(folder, ['init', '-', ...FLAGS]);
    expect(stdout.split('\n')[0]).toBe(`# yaml-language-server: $schema=${SCHEMA}`);
    expect(stderr).toContain(`federation-sync schema > ${SCHEMA}`);
    expect(existsSync(join(folder, SCHEMA))).toBe(false);
  });
});

test('the first plan with them is empty, and a name that appears later is added by them', async () => {
  const folder = installed();
  await run(folder, ['init', ...FLAGS]);
  const plan = await run(folder, ['plan', '--detailed-exitcode', '--json']);
  expect([plan.code, plan.json.jobs[0].status]).toEqual([0, 'unchanged']);
  const more = folderWith({
    'federation-sync.yml': settingsIn(folder),
    'prometheus.yml': prometheusYml(...LIST),
    'zone.json': zoneOf(
      ...['1', '2', '3'].map((n) => `prometheus${n}.example.com. CNAME`),
      'grafana.example.com. A',
    ),
  });
  const { json } = await run(more, ['plan', '--json']);
  expect(json.jobs[0]).toMatchObject({ status: 'planned', added: ['prometheus3.example.com.'] });
});

test('prints the settings, and nothing else, on standard output for -', async () => {
  const folder = installed();
  const { code, stdout, stderr } = await run(folder, ['init', '-', ...FLAGS]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^# yaml-.*\n# Settings for file:prometheus\.yml, written by federation-sync init/,
  );
  expect(stderr).toContain('the first plan shows no changes');
  expect(existsSync(join(folder, 'federation-sync.yml'))).toBe(false);
});

test('overwrites no settings unless forced', async () => {
  const folder = installed({ 'federation-sync.yml': 'mine' });
  const { code, stderr } = await run(folder, ['init', ...FLAGS]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: usage: federation-sync\.yml already exists/);
  expect(settingsIn(folder)).toBe('mine');
  expect((await run(folder, ['init', '--force', ...FLAGS])).code).toBe(0);
  expect(settingsIn(folder)).not.toBe('mine');
});

test('paths in the settings are relative to the file that is written', async () => {
  const folder = installed();
  const { code } = await run(folder, ['init', '../settings-elsewhere.yml', ...FLAGS]);
  const file = join(folder, '../settings-elsewhere.yml');
  onTestFinished(() => import('node:fs').then(({ rmSync }) => rmSync(file)));
  expect(code).toBe(0);
  expect(readFileSync(file, 'utf8')).toMatch(/records: federation-sync-command-\w+\/zone\.json/);
});

test('reports what settings cannot keep, and that the first plan is not empty', async () => {
  const folder = installed({
    'prometheus.yml': prometheusYml(...LIST, 'prometheus1.example.com. clusterID=twice'),
  });
  const { code, json } = await run(folder, ['init', '--json', ...FLAGS]);
  expect(code).toBe(2);
  expect(json).toMatchObject({ file: 'federation-sync.yml', empty: false });
  expect(json.plan.jobs[0].removed).toEqual(['prometheus1.example.com.']);
  expect(json.settings).toContain(
    '# The first sync changes "prometheus1.example.com.": it is a duplicate',
  );
});

test('takes the jobs that hold names of the zone, and others by name', async () => {
  const folder = installed();
  const { json } = await run(folder, ['init', '-', '--json', '--job', 'prometheus', ...FLAGS]);
  expect(json.plan.jobs).toMatchObject([{ name: 'prometheus', status: 'unchanged' }]);
  const { code, stderr } = await run(folder, ['init', '-', '--job', 'none', ...FLAGS]);
  expect(code).toBe(1);
  expect(stderr).toContain('job-missing');
  expect(stderr).toContain('its jobs: prometheus, federate');
});

test.each([
  ['targets.json', '[{"targets":["prometheus1.example.com."],"labels":{}}]', 'file_sd'],
  ['targets.yaml', "- targets: ['prometheus1.example.com.']\n", 'file_sd'],
  ['stores.yml', 'endpoints:\n  - address: prometheus1.example.com.:10901\n', 'thanos_endpoints'],
  ['jobs.yml', "- job_name: x\n  static_configs: [{targets: ['a:1']}]\n", 'scrape_configs'],
])('knows the format of %s', async (name, text, format) => {
  const folder = installed({ [name]: text });
  const { code, json } = await run(folder, [
    ...['init', '-', '--json', '--records', 'zone.json', '--file', name],
  ]);
  expect(code).toBe(0);
  expect(json.settings).toContain(`format: ${format}`);
});

test('says all that it needs to know', async () => {
  const { code, stderr } = await run(folderWith({}), ['init']);
  expect(code).toBe(1);
  expect(stderr).toContain('a zone: --zone ID (HOSTED_ZONE_ID), or --records FILE');
  expect(stderr).toContain('a list: --configmap NAME (CONFIG_MAP_NAME)');
});

test("takes what the original's environment says: zone, cluster, ConfigMap", async () => {
  const emulators = await startEmulators();
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await emulators.close();
  });
  for (const [name, value] of Object.entries(emulators.env)) vi.stubEnv(name, value);
  const { aws } = emulators;
  aws.route53.createZone({ id: 'Z0821', name: 'example.com' });
  for (const n of [1, 2, 3]) {
    aws.route53.upsert('Z0821', [{ Name: `prometheus${n}.example.com`, Type: 'CNAME' }]);
  }
  serve(emulators, prometheusYml(...LIST));
  const { code, stdout } = await run(folderWith({}), ['init', '-'], {
    PROMETHEUS_HOSTED_ZONE_ID: 'Z0821',
    CLUSTER_NAME: 'central',
    CONFIG_MAP_NAME: 'prometheus-server',
    AWS_REGION: 'eu-west-1',
  });
  expect(code).toBe(0);
  expect(stdout).toContain('eks: { name: central, region: eu-west-1 }');
  expect(stdout).toContain('- zone: Z0821 # example.com');
  expect(stdout).toContain(String.raw`- '^prometheus3\.example\.com$'`);
  const methods = emulators.faults.calls.map(({ method }) => method);
  expect(methods).not.toContain('PATCH');
});
