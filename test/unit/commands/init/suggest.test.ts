import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SourceRecords, suggest } from '../../../../src/commands/init/suggest.ts';
import { sameList } from '../../../../src/document/same-list.ts';
import type { Job } from '../../../../src/job.ts';
import type { Target } from '../../../../src/target.ts';
import { targetsOf } from '../../../../src/targets/targets.ts';

/** A zone with these names, as A records unless they say otherwise. */
function zone(name: string, ...records: string[]): SourceRecords {
  return {
    source: { zone: 'Z1' },
    zone: name,
    records: records.map((record) => {
      const [host = '', type = 'A'] = record.split(' ');
      return { name: `${host}.`, type };
    }),
  };
}

/** `ADDRESS label=value …` */
function target(text: string): Target {
  const [address = '', ...labels] = text.split(' ');
  const pairs = labels.map((label) => label.split('=') as [string, string]);
  return { address, labels: Object.fromEntries(pairs) };
}

/** What a sync with the suggestion would want. */
function wanted(
  suggestion: ReturnType<typeof suggest>,
  sources: readonly SourceRecords[],
): Target[] {
  const { from, also } = suggestion;
  const job = { name: 'federate', job: 'federate', from, also } as unknown as Job;
  const listings = from.map(
    ({ source }) => sources.find((one) => one.source === source)?.records ?? [],
  );
  return [...targetsOf(job, listings).targets];
}

function suggested(live: readonly string[], ...sources: SourceRecords[]) {
  const targets = live.map(target);
  const suggestion = suggest(targets, sources);
  expect(sameList(wanted(suggestion, sources), targets)).toBe(true);
  const [{ select, ...templates } = { select: undefined }] = suggestion.from;
  return {
    ...suggestion,
    name: select?.name,
    exclude: select?.exclude,
    template: 'target' in templates ? templates.target : undefined,
    labels: 'labels' in templates ? templates.labels : undefined,
    also: suggestion.also.map(({ address }) => address),
  };
}

test('a target that a record may not announce stays as one of also', () => {
  const sources = [zone('localhost', 'a.localhost', 'b.localhost')];
  const targets = [target('a.localhost. clusterID=a'), target('10.0.0.1:9090')];
  const suggestion = suggest(targets, sources);
  expect(suggestion.also).toEqual(targets);
  expect(suggestion.lost).toEqual([]);
  expect(wanted(suggestion, sources)).toMatchObject([
    { address: '10.0.0.1:9090', origins: [{ kind: 'also' }] },
    { address: 'a.localhost.', origins: [{ kind: 'also' }] },
  ]);
});

describe('patterns and templates', () => {
  test("the article's list: a name, a number in it, and a central server no record explains", () => {
    expect(
      suggested(
        [
          'prometheus-server.monitoring:80 clusterID=central',
          'prometheus1.example.com. clusterID=cluster1',
          'prometheus2.example.com. clusterID=cluster2',
          'prometheus10.example.com. clusterID=cluster10',
        ],
        zone(
          'example.com',
          'example.com SOA',
          'prometheus1.example.com',
          'prometheus2.example.com',
          'prometheus10.example.com',
          'grafana.example.com',
          'prometheus1.example.com TXT',
        ),
      ),
    ).toMatchObject({
      name: String.raw`^prometheus(?<n>[0-9]+)\.example\.com$`,
      exclude: [],
      template: '{name}',
      labels: { clusterID: 'cluster{n}' },
      also: ['prometheus-server.monitoring:80'],
    });
  });

  test('clusterID is the first label of the name', () => {
    expect(
      suggested(
        ['eu.prometheus.internal:9090 clusterID=eu', 'us.prometheus.internal:9090 clusterID=us'],
        zone(
          'internal',
          'eu.prometheus.internal',
          'us.prometheus.internal',
          'db.services.internal',
        ),
      ),
    ).toMatchObject({
      name: String.raw`^(?<clusterID>[^.]+)\.prometheus\.internal$`,
      exclude: [],
      template: '{host}:9090',
      labels: { clusterID: '{clusterID}' },
      also: [],
    });
  });

  test('labels from several parts of the name, and one that is the same for all', () => {
    expect(
      suggested(
        [
          'prometheus.blue.prod.example.com clusterID=blue env=prod team=platform',
          'prometheus.green.test.example.com clusterID=green env=test team=platform',
        ],
        zone(
          'example.com',
          'prometheus.blue.prod.example.com',
          'prometheus.green.test.example.com',
        ),
      ),
    ).toMatchObject({
      name: String.raw`^prometheus\.(?<clusterID>[^.]+)\.(?<env>[^.]+)\.example\.com$`,
      template: '{host}',
      labels: { clusterID: '{clusterID}', env: '{env}', team: 'platform' },
    });
  });

  test.each([
    [
      'prometheus1.example.com. clusterID=cluster1',
      String.raw`^prometheus(?<n>[0-9]+)\.example\.com$`,
    ],
    ['blue.example.com. clusterID=blue', String.raw`^(?<clusterID>[^.]+)\.example\.com$`],
    [
      'prometheus.blue.example.com. clusterID=blue',
      String.raw`^prometheus\.(?<clusterID>[^.]+)\.example\.com$`,
    ],
    ['blue.example.com. team=platform', String.raw`^[^.]+\.example\.com$`],
    ['example.com. clusterID=central', String.raw`^example\.com$`],
  ])('one target alone, %s, is enough for a pattern', (live, name) => {
    const [address = ''] = live.split(' ');
    const host = address.replace(/\.$/, '');
    expect(suggested([live], zone('example.com', host))).toMatchObject({ name, also: [] });
  });

  test('a word of the name inside a longer value', () => {
    expect(
      suggested(
        [
          'prom-eu-1.example.com. clusterID=prod/eu-1',
          'prom-us-2.example.com. clusterID=prod/us-2',
        ],
        zone('example.com', 'prom-eu-1.example.com', 'prom-us-2.example.com'),
      ),
    ).toMatchObject({
      name: String.raw`^prom-(?<clusterIDPart>[^.]+)\.example\.com$`,
      labels: { clusterID: 'prod/{clusterIDPart}' },
    });
  });

  test('a label that is the whole name, and one without labels', () => {
    expect(
      suggested(['a.example.com:80 server=a.example.com'], zone('example.com', 'a.example.com')),
    ).toMatchObject({ labels: { server: '{host}' } });
    expect(suggested(['a.example.com:80'], zone('example.com', 'a.example.com'))).toMatchObject({
      labels: {},
    });
  });

  test('a group is never called as the names that every template has', () => {
    expect(
      suggested(
        ['a.x.example.com zone=x', 'b.y.example.com zone=y'],
        zone('example.com', 'a.x.example.com', 'b.y.example.com'),
      ),
    ).toMatchObject({ labels: { zone: '{zone_}' } });
  });

  test('URLs of a blackbox job', () => {
    expect(
      suggested(
        [
          'https://a.example.com/api/ping clusterID=a',
          'https://b.example.com/api/ping clusterID=b',
        ],
        zone('example.com', 'a.example.com', 'b.example.com'),
      ),
    ).toMatchObject({ template: 'https://{host}/api/ping', also: [] });
  });
});

describe('what the names do not say', () => {
  test('a name that matches and is not in the list is excluded, if no closer pattern leaves it out', () => {
    const live = ['blue.example.com. clusterID=blue', 'green.example.com. clusterID=green'];
    const names = ['blue.example.com', 'green.example.com'];
    expect(suggested(live, zone('example.com', ...names, 'db.example.com'))).toMatchObject({
      name: String.raw`^(?<clusterID>[^.]+)\.example\.com$`,
      exclude: [String.raw`^db\.example\.com$`],
    });
    expect(
      suggested(
        ['p1.example.com. clusterID=p1', 'p2.example.com. clusterID=p2'],
        zone(
          'example.com',
          'p1.example.com',
          'p2.example.com',
          'db.example.com',
          'web.example.com',
        ),
      ),
    ).toMatchObject({ name: String.raw`^(?<clusterID>p[0-9]+)\.example\.com$`, exclude: [] });
  });

  test('a target with labels, or a port, of its own is in also', () => {
    const names = ['a', 'b', 'c', 'd'].map((name) => `${name}.example.com`);
    const live = [
      'a.example.com. clusterID=a',
      'b.example.com. clusterID=b',
      'c.example.com. clusterID=odd',
      'd.example.com.:9090 clusterID=d',
    ];
    expect(suggested(live, zone('example.com', ...names))).toMatchObject({
      labels: { clusterID: '{clusterID}' },
      exclude: [String.raw`^c\.example\.com$`, String.raw`^d\.example\.com$`],
      also: ['c.example.com.', 'd.example.com.:9090'],
    });
  });

  test('labels that follow from no name are kept in also, and the pattern serves what comes', () => {
    const { also, labels, notes } = suggested(
      ['a.example.com. clusterID=Lion', 'b.example.com. clusterID=Tiger'],
      zone('example.com', 'a.example.com', 'b.example.com'),
    );
    expect(also).toHaveLength(2);
    expect(labels).toEqual({ clusterID: '{clusterID}' });
    expect(notes).toEqual([
      String.raw`the label clusterID cannot be derived from the names that match ^(?<clusterID>[^.]+)\.example\.com$`,
    ]);
  });

  test('two kinds of targets become two sources', () => {
    const { from } = suggested(
      [
        'a.prod.example.com. clusterID=a env=prod',
        'b.prod.example.com. clusterID=b env=prod',
        'c.edge.example.com.:9090 clusterID=c',
        'd.edge.example.com.:9090 clusterID=d',
      ],
      zone(
        'example.com',
        ...['a.prod', 'b.prod', 'c.edge', 'd.edge'].map((name) => `${name}.example.com`),
      ),
    );
    expect(from.map(({ select, target: address }) => [select.name, address])).toEqual([
      [String.raw`^(?<clusterID>[^.]+)\.prod\.example\.com$`, '{name}'],
      [String.raw`^(?<clusterID>[^.]+)\.edge\.example\.com$`, '{name}:9090'],
    ]);
  });

  test('several zones each explain their own', () => {
    const one = zone('one.internal', 'a.one.internal');
    const two = { ...zone('two.internal', 'b.two.internal'), source: { zone: 'Z2' } };
    const { from } = suggested(
      ['a.one.internal. clusterID=a', 'b.two.internal. clusterID=b'],
      one,
      two,
    );
    expect(from.map(({ source }) => source)).toEqual([{ zone: 'Z1' }, { zone: 'Z2' }]);
  });

  test('a list without a name of the zone keeps all in also, and gets a guess that adds nothing', () => {
    const { name, exclude, also, notes } = suggested(
      ['host:80 clusterID=central'],
      zone('example.com', 'prometheus1.example.com', 'www.example.com'),
    );
    expect(name).toBe(String.raw`^prometheus[-_]?(?<clusterID>[^.]+)\.example\.com$`);
    expect(exclude).toEqual([String.raw`^prometheus1\.example\.com$`]);
    expect(also).toEqual(['host:80']);
    expect(notes[0]).toContain('select.name is a guess');
  });

  test.each([
    [['a.example.com. clusterID=a', 'a.example.com. clusterID=b'], 'it is a duplicate'],
    [['*.example.com'], 'the address cannot be scraped: a wildcard does not name one server'],
    [['a.example.com a-b=c'], 'the label name "a-b" is not valid'],
    [['a.example.com a='], 'the label a is empty'],
  ])('what settings cannot keep is reported: %j', (live, why) => {
    const sources = [zone('example.com', 'a.example.com')];
    const { lost } = suggest(live.map(target), sources);
    expect(lost.map((one) => one.why)).toEqual([why]);
  });
});

describe('for any list and zone', () => {
  const word = fc.stringMatching(/^[a-z]{1,3}(-?[0-9]{1,2})?$/);
  const host = fc
    .tuple(
      fc.array(word, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('x.internal', 'internal'),
    )
    .map(([labels, zoneName]) => `${labels.join('.')}.${zoneName}`);
  const value = (name: string) =>
    fc.oneof(
      fc.constant(name.split('.')[0] ?? ''),
      fc.constant(`cluster-${name.split('.')[0]}`),
      fc.constant(name.replace(/[^0-9]/g, '') || 'none'),
      fc.constant(name),
      fc.constantFrom('prod', 'test', '{host}', "it's", 'Ünicode'),
    );
  const live = (name: string) =>
    fc
      .tuple(
        fc.constantFrom(name, `${name}.`, `${name}:9090`, `https://${name}/x`, name.toUpperCase()),
        fc.record({ clusterID: value(name), env: value(name) }, { requiredKeys: [] }),
      )
      .map(([address, labels]): Target => ({ address, labels }));
  const scene = fc.uniqueArray(host, { minLength: 1, maxLength: 12 }).chain((names) => {
    const listed = fc.subarray(names).chain((some) => fc.tuple(...some.map(live)));
    const records = fc.subarray(names);
    return fc.tuple(records, listed);
  });

  test('the suggestion says what the list says', () => {
    fc.assert(
      fc.property(scene, ([records, targets]) => {
        const sources = [zone('internal', ...records)];
        const suggestion = suggest(targets, sources);
        expect(suggestion.lost).toEqual([]);
        expect(wanted(suggestion, sources).map(byText).sort()).toEqual(targets.map(byText).sort());
      }),
      { numRuns: 500 },
    );
  });

  const byText = ({ address, labels }: Target) =>
    JSON.stringify([address, Object.entries(labels).sort()]);
});
