import { expect, test } from 'vitest';
import { folderWith, prometheusYml, run, zoneOf } from '../run.ts';

const SETTINGS = String.raw`
jobs:
  - job: federate
    from: [{ records: zone.json }]
    select:
      name: '^(?<clusterID>[^.]+)\.prometheus\.internal$'
      exclude: ['^test-']
      setIdentifier: '^(?!.*hibernating)'
    labels: { clusterID: '{clusterID}' }
    also:
      - targets: ['prometheus-server.monitoring:80']
        labels: { clusterID: central }
    to: { file: prometheus.yml }
`;

const ZONE = zoneOf(
  'prometheus.internal. SOA',
  'a.prometheus.internal. CNAME',
  'a.prometheus.internal. TXT',
  'b.prometheus.internal. A blue',
  'b.prometheus.internal. A green[hibernating]',
  'test-c.prometheus.internal. CNAME',
  'grafana.internal. CNAME',
  '\\052.prometheus.internal. A',
);

const installed = () =>
  folderWith({
    'federation-sync.yml': SETTINGS,
    'zone.json': ZONE,
    'prometheus.yml': prometheusYml(
      'a.prometheus.internal. clusterID=a',
      'gone.prometheus.internal. clusterID=gone',
      'prometheus-server.monitoring:80 clusterID=other',
    ),
  });

const explain = async (name: string) => {
  const { code, json, stderr } = await run(installed(), ['explain', name, '--json']);
  return { ...json.jobs[0], place: json.jobs[0].to[0], name: json.name, code, stderr };
};

test('explains a target: its record sets of all types, its labels, and that the list has it', async () => {
  const { code, from, place } = await explain('a.prometheus.internal');
  expect(code).toBe(0);
  const target = { address: 'a.prometheus.internal.', labels: { clusterID: 'a' } };
  expect(from[0].recordSets).toEqual([
    { record: 'a.prometheus.internal.', type: 'CNAME', verdict: 'target', target },
    {
      record: 'a.prometheus.internal.',
      type: 'TXT',
      verdict: 'not-selected',
      rule: 'types',
      by: 'A, AAAA, CNAME',
    },
  ]);
  expect(place).toMatchObject({
    to: 'file:prometheus.yml',
    state: 'listed',
    wanted: [target],
    listed: [target],
  });
});

test.each(['A.Prometheus.internal', 'a.prometheus.internal.', 'a.prometheus.internal.:9090'])(
  'takes %s for the same name',
  async (name) => {
    expect(await explain(name)).toMatchObject({
      name: 'a.prometheus.internal',
      place: { state: 'listed' },
    });
  },
);

test.each([
  ['grafana.internal', 'name', String.raw`^(?<clusterID>[^.]+)\.prometheus\.internal$`],
  ['test-c.prometheus.internal', 'exclude', '^test-'],
])('names the rule that leaves %s out', async (name, rule, by) => {
  const { from, place } = await explain(name);
  expect(from[0].recordSets).toMatchObject([{ verdict: 'not-selected', rule, by }]);
  expect(place.state).toBe('absent');
});

test('tells record sets of one name apart by their set identifiers', async () => {
  const { from, place } = await explain('b.prometheus.internal');
  expect(from[0].recordSets).toMatchObject([
    { setIdentifier: 'blue', verdict: 'target' },
    { setIdentifier: 'green[hibernating]', verdict: 'not-selected', rule: 'setIdentifier' },
  ]);
  expect(place.state).toBe('to-add');
});

test('says why a selected record set is skipped', async () => {
  const { from } = await explain('*.prometheus.internal');
  expect(from[0].recordSets).toMatchObject([
    { text: '*.prometheus.internal', verdict: 'skipped', code: 'wildcard' },
  ]);
});

const UMLAUT = 'm\\303\\274nchen.prometheus.internal.';

test.each(['münchen.prometheus.internal', UMLAUT, 'MÜNCHEN.prometheus.internal.:9090'])(
  'finds the record set of a name outside ASCII by %s, and shows both forms',
  async (name) => {
    const folder = folderWith({
      'federation-sync.yml': SETTINGS,
      'zone.json': zoneOf(`${UMLAUT} A`),
      // As the original Lambda writes it, and as a person does.
      'prometheus.yml': prometheusYml(UMLAUT, 'münchen.prometheus.internal:9090'),
    });
    const { json } = await run(folder, ['explain', name, '--json']);
    expect(json.name).toBe('münchen.prometheus.internal');
    expect(json.jobs[0].from[0].recordSets).toMatchObject([
      { record: UMLAUT, text: 'münchen.prometheus.internal', verdict: 'skipped', code: 'bad-name' },
    ]);
    expect(json.jobs[0].to[0]).toMatchObject({
      state: 'to-remove',
      listed: [{ address: UMLAUT }, { address: 'münchen.prometheus.internal:9090' }],
      blocked: 'guard-min-targets',
    });
    const { stdout } = await run(folder, ['explain', name]);
    expect(stdout).toContain(
      `${UMLAUT} (münchen.prometheus.internal) A  skipped: bad-name, for münchen.prometheus.internal, Prometheus looks up xn--mnchen-3ya.prometheus.internal: register that name`,
    );
  },
);

test('finds the wildcard that answers for a name without a record set', async () => {
  const { from } = await explain('nobody.prometheus.internal');
  expect(from[0]).toMatchObject({ recordSets: [], wildcard: '\\052.prometheus.internal.' });
});

test('knows that a target without a record goes with the next sync', async () => {
  const { place } = await explain('gone.prometheus.internal');
  expect(place).toMatchObject({ state: 'to-remove', wanted: [] });
});

test('explains a target of also, and labels that the list has otherwise', async () => {
  const { also, place } = await explain('prometheus-server.monitoring:80');
  expect(also).toEqual([
    { address: 'prometheus-server.monitoring:80', labels: { clusterID: 'central' } },
  ]);
  expect(place.state).toBe('to-change');
});

test('finds the record set behind a target of another name', async () => {
  const folder = folderWith({
    'federation-sync.yml': SETTINGS.replace(
      'labels:',
      "target: '{label}.mesh.example.com:9090'\n    labels:",
    ),
    'zone.json': ZONE,
    'prometheus.yml': prometheusYml(),
  });
  const { json } = await run(folder, ['explain', 'a.mesh.example.com', '--json']);
  expect(json.jobs[0].from[0].recordSets).toMatchObject([
    { record: 'a.prometheus.internal.', verdict: 'target' },
  ]);
});

test('ends with 0 and says so where no source has the name', async () => {
  const { code, stdout } = await run(installed(), ['explain', 'x.example.com']);
  expect(code).toBe(0);
  expect(stdout).toContain('is not in any source (file zone.json) or list');
});

test('reads well', async () => {
  const { stdout } = await run(installed(), ['explain', 'b.prometheus.internal']);
  expect(stdout).toMatchInlineSnapshot(`
    "b.prometheus.internal

    job federate
      from[0] file zone.json, names like ^(?<clusterID>[^.]+)\\.prometheus\\.internal$
        b.prometheus.internal. A (blue)  target b.prometheus.internal.  clusterID=b
        b.prometheus.internal. A (green[hibernating])  not a target: its set identifier does not match select.setIdentifier ^(?!.*hibernating)
      to file:prometheus.yml
        not in the list yet; the next sync adds it
        + b.prometheus.internal.  clusterID=b
    "
  `);
});

test('explains the rest where one source cannot be read, and fails', async () => {
  const folder = folderWith({
    'federation-sync.yml': SETTINGS.replace('[{ records', '[{ records: none.json }, { records'),
    'zone.json': ZONE,
    'prometheus.yml': prometheusYml(),
  });
  const { code, json, stderr } = await run(folder, ['explain', 'a.prometheus.internal', '--json']);
  expect(code).toBe(1);
  expect(json.jobs[0].from).toMatchObject([
    { error: { code: 'records-unreadable' } },
    { recordSets: [{ verdict: 'target' }, { verdict: 'not-selected' }] },
  ]);
  expect(stderr).toMatch(/^error: federate: records-unreadable: /);
});

test('reports a target that a list does not accept', async () => {
  const folder = folderWith({
    'federation-sync.yml': SETTINGS.replace(
      'prometheus.yml }',
      'stores.yml, format: thanos_endpoints }',
    ),
    'zone.json': ZONE,
    'stores.yml': 'endpoints: []\n',
  });
  const { json } = await run(folder, ['explain', 'a.prometheus.internal', '--json']);
  expect(json.jobs[0].to[0]).toMatchObject({
    state: 'absent',
    skipped: [{ code: 'port-missing' }],
  });
});

test('explains an address that is not allowed, and warns of values that are loopback addresses', async () => {
  const records = (type: string, name: string, Value: string) => ({
    Name: `${name}.prometheus.internal.`,
    Type: type,
    ResourceRecords: [{ Value }],
  });
  const folder = folderWith({
    'federation-sync.yml': SETTINGS.replace('labels:', "target: '{label}:9090'\n    labels:"),
    'allowed.yml': SETTINGS.replace('zone.json', 'zone.json, allowAddresses: true'),
    'zone.json': { ResourceRecordSets: [records('A', 'a', '127.0.0.1')] },
    'prometheus.yml': prometheusYml(),
  });
  const name = 'a.prometheus.internal';
  expect((await run(folder, ['explain', name])).stdout).toContain(
    'a.prometheus.internal. A  skipped: address-not-allowed, a:9090 is a single label, which resolves to whatever its search list has; allowAddresses: true in its from allows that\n',
  );
  const { stdout } = await run(folder, ['explain', name, '--config', 'allowed.yml']);
  const warning =
    'a.prometheus.internal. A has 127.0.0.1: there, Prometheus scrapes itself or a metadata service';
  expect(stdout).toContain(
    `a.prometheus.internal. A  target a.prometheus.internal.  clusterID=a  warning: ${warning}\n`,
  );
  const plan = await run(folder, ['plan', '--config', 'allowed.yml']);
  expect(plan.stdout).toContain(`  ! local-address: ${warning}\n`);
  const { json } = await run(folder, ['plan', '--config', 'allowed.yml', '--json']);
  expect(json.jobs[0]).toMatchObject({
    skipped: [],
    warnings: [{ code: 'local-address', message: warning }],
  });
});

test('prints nothing that commands a terminal', async () => {
  const folder = folderWith({
    'federation-sync.yml': SETTINGS,
    'zone.json': zoneOf('a.prometheus.internal. A \u001b[2Jblue'),
    'prometheus.yml': prometheusYml().replace(
      '[]',
      '[{targets: ["a.prometheus.internal.", "a.prometheus.internal:1"], labels: {x: "\\e[2J"}}]',
    ),
  });
  const { stdout } = await run(folder, ['explain', 'a.prometheus.internal']);
  expect(stdout).toContain('a.prometheus.internal:1  x=\\u001b[2J');
  expect(stdout).toContain('(\\u001b[2Jblue)');
  expect(stdout).not.toContain('\u001b');
});

test('needs one name', async () => {
  const { code, stderr } = await run(installed(), ['explain']);
  expect(code).toBe(1);
  expect(stderr).toContain('usage: federation-sync explain NAME');
});
