import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { targetsOf } from '../../../src/targets/targets.ts';
import { jobOf, recordOf, wantedOf } from './wanted.ts';

describe('targets', () => {
  test("are the article's own by default: the name with its final dot, labelled by its first label", () => {
    expect(
      wantedOf({ select: { name: '\\.example\\.com$' } }, ['prometheus1.example.com.']).plain,
    ).toEqual([{ address: 'prometheus1.example.com.', labels: { clusterID: 'prometheus1' } }]);
  });

  test('are made by templates of names, zone and named groups', () => {
    const job = {
      select: { name: '^prometheus(?<n>\\d+)\\.(?<domain>.*)$' },
      target: '{host}:9090',
      labels: { clusterID: 'cluster{n}', all: '{name} {host} {label} {zone} {domain}' },
    };
    expect(wantedOf(job, ['prometheus1.example.com.']).plain).toEqual([
      {
        address: 'prometheus1.example.com:9090',
        labels: {
          clusterID: 'cluster1',
          all: 'prometheus1.example.com. prometheus1.example.com prometheus1 Z1 example.com',
        },
      },
    ]);
  });

  test('take the text of a value as it is', () => {
    const job = { labels: { clusterID: '$& {label} $1' } };
    expect(wantedOf(job, ['a.internal.']).plain[0]?.labels).toEqual({ clusterID: '$& a $1' });
  });

  test('have no labels where the settings say so', () => {
    expect(wantedOf({ labels: {} }, ['a.internal.']).plain).toEqual([
      { address: 'a.internal.', labels: {} },
    ]);
  });

  test('come sorted by code unit', () => {
    const listed = [
      'b.internal.',
      'a10.internal.',
      'a2.internal.',
      'a-b.internal.',
      '_a.internal.',
    ];
    expect(wantedOf({}, listed).addresses).toEqual([
      '_a.internal.',
      'a-b.internal.',
      'a10.internal.',
      'a2.internal.',
      'b.internal.',
    ]);
  });

  test('of one name are one, whatever record sets it has', () => {
    const listed = [
      'a.internal. A blue',
      'a.internal. A green',
      'a.internal. AAAA',
      'A.Internal. CNAME',
    ];
    const wanted = wantedOf({}, listed);
    expect(wanted).toMatchObject({ addresses: ['a.internal.'], records: 4, warnings: [] });
    expect(wanted.targets[0]?.origins).toHaveLength(4);
  });

  test('that no record announces are there as well', () => {
    const also = [
      { targets: ['prometheus-server.monitoring:80'], labels: { clusterID: 'central' } },
    ];
    const wanted = wantedOf({ also }, ['a.internal.']);
    expect(wanted.plain).toEqual([
      { address: 'a.internal.', labels: { clusterID: 'a' } },
      { address: 'prometheus-server.monitoring:80', labels: { clusterID: 'central' } },
    ]);
    expect(wanted.records).toBe(1);
    expect(wanted.targets[1]?.origins).toEqual([{ kind: 'also' }]);
  });

  test('keep the labels of also over those of a record, with a warning', () => {
    const also = [{ targets: ['a.internal.'], labels: { clusterID: 'central' } }];
    const wanted = wantedOf({ also }, ['a.internal.']);
    expect(wanted.plain).toEqual([{ address: 'a.internal.', labels: { clusterID: 'central' } }]);
    expect(wanted.warnings).toMatchObject([{ code: 'target-twice' }]);
  });

  test('keep the labels of the first entry over those of a later one, with a warning', () => {
    const from = [
      { zone: 'Z1', labels: { clusterID: 'z' } },
      { zone: 'Z2', labels: { clusterID: 'a' } },
    ];
    const wanted = wantedOf({ from }, ['a.internal.'], ['a.internal.']);
    expect(wanted.plain).toEqual([{ address: 'a.internal.', labels: { clusterID: 'z' } }]);
    expect(wanted.warnings).toMatchObject([
      { code: 'target-twice', message: expect.stringContaining('a.internal.') },
    ]);
  });

  test('warn of other labels where only some differ', () => {
    const also = [
      { targets: ['x:1', 'y:1'], labels: { a: '1' } },
      { targets: ['x:1'], labels: { a: '1' } },
      { targets: ['x:1', 'y:1'], labels: { a: '2' } },
    ];
    expect(wantedOf({ also }, []).warnings).toEqual(
      ['x:1', 'y:1'].map((address) => ({
        code: 'target-twice',
        message: `${address} has several sets of labels; a=1 is used`,
      })),
    );
  });

  test('have the same labels in any order', () => {
    const also = [
      { targets: ['x:1'], labels: { a: '1', b: '2' } },
      { targets: ['x:1'], labels: { b: '2', a: '1' } },
    ];
    expect(wantedOf({ also }, [])).toMatchObject({ addresses: ['x:1'], warnings: [] });
  });

  test('that are in also twice are one', () => {
    const wanted = wantedOf({ also: [{ targets: ['x:1', 'x:1'] }] }, []);
    expect(wanted).toMatchObject({ addresses: ['x:1'], warnings: [] });
    expect(wanted.targets[0]?.origins).toEqual([{ kind: 'also' }, { kind: 'also' }]);
  });

  test('are labelled by their name where it has one label only', () => {
    const job = { select: { name: '.' }, from: [{ zone: 'Z1', allowAddresses: true }] };
    expect(wantedOf(job, ['localhost.']).plain[0]?.labels).toEqual({ clusterID: 'localhost' });
  });

  test('without a clusterID are no two of one', () => {
    const wanted = wantedOf({ labels: {} }, ['a.internal.', 'b.internal.']);
    expect(wanted).toMatchObject({ addresses: ['a.internal.', 'b.internal.'], warnings: [] });
  });

  test('of one label are both kept, with a warning that names them', () => {
    const listed = ['a.one.internal.', 'a.two.internal.', 'b.internal.'];
    const wanted = wantedOf({}, listed);
    expect(wanted.addresses).toEqual(['a.one.internal.', 'a.two.internal.', 'b.internal.']);
    expect(wanted.warnings).toEqual([
      {
        code: 'cluster-id-twice',
        message: 'clusterID "a" is on several targets: a.one.internal., a.two.internal.',
      },
    ]);
  });

  test.each(['https://a.internal/api/v4/system/ping', 'a.internal./api/v4/system/ping'])(
    'may be URLs, with and without their scheme: %s',
    (url) => {
      const target = url.replace('a.internal.', '{name}').replace('a.internal', '{host}');
      expect(wantedOf({ target, labels: {} }, ['a.internal.']).addresses).toEqual([url]);
    },
  );

  test('of several entries each follow their own rules over those of the job', () => {
    const job = {
      select: { name: '\\.internal$', exclude: ['^test-'] },
      from: [
        { zone: 'Z1' },
        {
          zone: 'Z2',
          select: { name: '\\.example$' },
          target: '{host}:443',
          labels: { zone: '{zone}' },
        },
      ],
    };
    expect(
      wantedOf(
        job,
        ['a.internal.', 'a.example.', 'test-a.internal.'],
        ['b.example.', 'test-b.example.', 'b.internal.'],
      ).plain,
    ).toEqual([
      { address: 'a.internal.', labels: { clusterID: 'a' } },
      { address: 'b.example:443', labels: { zone: 'Z2' } },
    ]);
  });
});

describe('what makes no usable target is skipped, with the reason', () => {
  const name = '.';
  test.each<[string, Record<string, unknown>, string, string]>([
    ['a wildcard', {}, '\\052.internal.', 'wildcard'],
    ['a wildcard inside', {}, 'a.\\052.internal.', 'wildcard'],
    ['a space', {}, 'a\\040b.internal.', 'bad-name'],
    ['a star in a label', {}, 'a\\052.internal.', 'bad-name'],
    ['an escaped dot', {}, 'a\\056b.internal.', 'bad-name'],
    ['an octet that is no ASCII', {}, '\\304.internal.', 'bad-name'],
    ['a slash', {}, 'a\\057b.internal.', 'bad-name'],
    ['a label of 64 characters', {}, `${'a'.repeat(64)}.internal.`, 'bad-name'],
    ['an empty label', {}, 'a..internal.', 'bad-name'],
    ['a port out of range', { target: '{host}:99999' }, 'a.internal.', 'bad-port'],
    ['the port 0', { target: '{host}:0' }, 'a.internal.', 'bad-port'],
    ['a port that is a name', { target: '{host}:http' }, 'a.internal.', 'bad-port'],
    ['two ports', { target: '{host}:1:2' }, 'a.internal.', 'bad-port'],
    ['text around the name', { target: '{host} ' }, 'a.internal.', 'bad-name'],
    ['another scheme', { target: 'ftp://{host}/' }, 'a.internal.', 'bad-address'],
    ['a URL with a space', { target: 'http://{host}/a b' }, 'a.internal.', 'bad-address'],
    ['a URL with a password', { target: 'http://u:p@{host}/' }, 'a.internal.', 'bad-address'],
    ['a URL with a bad port', { target: 'http://{host}:0/' }, 'a.internal.', 'bad-port'],
    [
      'a group without a value',
      { select: { name: '^a(?<n>\\d)?' }, target: '{host}{n}' },
      'a.internal.',
      'unset-value',
    ],
    [
      'a label without a value',
      { select: { name: '^a(?<n>\\d)?' }, labels: { n: '{n}' } },
      'a.internal.',
      'unset-value',
    ],
    [
      'an empty label value',
      { select: { name: '^a(?<n>\\d*)' }, labels: { n: '{n}' } },
      'a.internal.',
      'empty-label',
    ],
  ])('%s', (_, job, record, code) => {
    const wanted = wantedOf({ select: { name }, ...job }, [record, 'aok1.internal.'].slice(0, 1));
    expect(wanted.targets).toEqual([]);
    expect(wanted.records).toBe(1);
    expect(wanted.skipped).toEqual([
      { record, type: 'A', code, reason: expect.stringMatching(/^.{3,}$/) },
    ]);
  });

  test.each<[string, string]>([
    ['127.0.0.1', 'an IP address'],
    ['[::1]:9090', 'an IP address'],
    ['{host}.127.1:9090', 'an IP address'],
    ['localhost:9090', 'the Prometheus server itself'],
    ['{label}:9090', 'a single label, which resolves to whatever its search list has'],
    ['{label}.', 'a single label, which resolves to whatever its search list has'],
  ])('%s is, and a from can allow it', (target, what) => {
    const job = { target, labels: {} };
    const address = target.replace('{host}', 'a.internal').replace('{label}', 'a');
    expect(wantedOf(job, ['a.internal.'])).toMatchObject({
      targets: [],
      records: 1,
      skipped: [
        {
          record: 'a.internal.',
          type: 'A',
          code: 'address-not-allowed',
          reason: `${address} is ${what}; allowAddresses: true in its from allows that`,
        },
      ],
    });
    const from = [{ zone: 'Z1', allowAddresses: true }, { zone: 'Z2' }];
    const both = wantedOf({ ...job, from }, ['a.internal.'], ['a.internal. AAAA']);
    expect(both.addresses).toEqual([address]);
    expect(both.skipped).toMatchObject([{ type: 'AAAA', code: 'address-not-allowed' }]);
    expect(wantedOf({ also: [{ targets: [address] }] }, [])).toMatchObject({
      addresses: [address],
      skipped: [],
    });
  });

  test('an address that is allowed must still be one', () => {
    const from = [{ zone: 'Z1', allowAddresses: true }];
    for (const target of ['::1', '[::1', '{label}:99999', '[fe80::1%eth0]:9090']) {
      expect(wantedOf({ from, target }, ['a.internal.']).skipped).toMatchObject([
        { code: expect.stringMatching(/^bad-/) },
      ]);
    }
  });

  test('{zone} has no value for a records file', () => {
    const job = { from: [{ records: 'zone.json' }], target: '{host}.{zone}' };
    expect(wantedOf(job, ['a.internal.']).skipped).toMatchObject([{ code: 'unset-value' }]);
  });

  test('in the order of names, whatever the order of record sets', () => {
    const listed = ['\\052.b.internal.', '\\052.a.internal. AAAA', '\\052.a.internal. A'];
    expect(wantedOf({}, listed).skipped.map(({ record, type }) => `${record} ${type}`)).toEqual([
      '\\052.a.internal. A',
      '\\052.a.internal. AAAA',
      '\\052.b.internal. A',
    ]);
  });
});

test('the order of record sets does not matter', () => {
  const record = fc
    .tuple(
      fc.constantFrom('a', 'b', '\\052', 'A', 'a\\040b', 'c.d'),
      fc.constantFrom('A', 'AAAA', 'CNAME', 'TXT'),
      fc.constantFrom('', ' blue', ' green'),
    )
    .map(([label, type, id]) => `${label}.internal. ${type}${id}`);
  const listing = fc.array(record, { maxLength: 12 });
  const job = jobOf({
    from: [{ zone: 'Z1' }, { zone: 'Z2', labels: { clusterID: '{label}', zone: '{zone}' } }],
    also: [{ targets: ['a.internal.'], labels: { clusterID: 'also' } }],
  });
  const shuffled = listing.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, shuffled, ([one, oneOther], [two, twoOther]) => {
      const of = (...listings: string[][]) =>
        targetsOf(
          job,
          listings.map((records) => records.map(recordOf)),
        );
      expect(of(oneOther, twoOther)).toEqual(of(one, two));
    }),
    { numRuns: 300 },
  );
});

describe('the names that were left out', () => {
  const names = ['t.internal. TXT', 'b.internal.', 'a.internal.', 'c.internal.', 'd.internal.'];

  test('are shown where nothing is selected: the first three of the right type', () => {
    const { near } = wantedOf({ select: { name: '^x$' } }, names);
    expect(near).toEqual(['b.internal', 'a.internal', 'c.internal']);
  });

  test('are not shown where anything is selected', () => {
    expect(wantedOf({ select: { name: '^a' } }, names).near).toEqual([]);
  });

  test('are none in an empty zone', () => {
    expect(wantedOf({}, []).near).toEqual([]);
  });
});

describe('a record set with loopback or link-local addresses', () => {
  const local = (name: string, ...localValues: string[]) => ({ name, type: 'A', localValues });
  const messages = (records: ReturnType<typeof local>[], job = {}) =>
    targetsOf(jobOf(job), [records]).warnings.map(({ code, message }) => `${code}: ${message}`);

  test('is a target with a warning', () => {
    const records = [
      local('b.internal.', '127.0.0.1', '169.254.169.254'),
      local('a.internal.', '0.0.0.0'),
    ];
    expect(targetsOf(jobOf(), [records]).targets).toHaveLength(2);
    expect(messages(records)).toEqual([
      'local-address: a.internal. A has 0.0.0.0: there, Prometheus scrapes itself or a metadata service',
      'local-address: b.internal. A has 127.0.0.1, 169.254.169.254: there, Prometheus scrapes itself or a metadata service',
    ]);
  });

  test('has none where it is not selected or skipped', () => {
    expect(messages([local('a.example.', '127.0.0.1')])).toEqual([]);
    expect(messages([local('\\052.internal.', '127.0.0.1')])).toEqual([]);
  });

  test('is one of the first 20, of many', () => {
    const many = Array.from({ length: 23 }, (_, i) => local(`${10 + i}.internal.`, '127.0.0.1'));
    const shown = messages(many);
    expect(shown).toHaveLength(21);
    expect(shown.at(-1)).toBe('local-address: and 3 more');
    expect(messages(many.slice(0, 20))).toHaveLength(20);
  });
});
