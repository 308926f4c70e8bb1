import { describe, expect, test } from 'vitest';
import type { CoveredCluster, Findings, Rung } from '../../../src/coverage/rungs.ts';
import { Fault, type FaultCode } from '../../../src/fault.ts';
import type { Job, Server } from '../../../src/job.ts';
import { coverageOfOne, expected, from, PLACE, record, stand, verdict } from './findings.ts';

type Parts = Partial<Findings> & { readonly job?: Partial<Job> };

const rowOf = (parts: Parts): CoveredCluster => coverageOfOne(parts).clusters[0]!;
const listed = (...texts: string[]) => [texts.map(record)];
/** No record makes a target, and nothing is in the list. */
const none = (...texts: string[]) => ({ listings: listed(...texts), verdicts: [verdict([])] });
const REGISTER =
  'In eu-1: kubectl -n monitoring annotate service prometheus-server external-dns.kubernetes.io/hostname=eu-1.prometheus.internal external-dns.alpha.kubernetes.io/hostname=eu-1.prometheus.internal';
const EXPLAIN = 'federation-sync explain eu-1.prometheus.internal';
const SYNC = 'federation-sync sync --job federate';
const VERIFY = 'federation-sync verify --job federate';
const server = (more: object = {}) => ({
  ...{ url: 'http://p:9090', version: undefined, loadedAt: '2026-11-26T10:00:00Z', reloaded: true },
  ...more,
});
const at = (state: Parameters<typeof stand>[1], more = {}, of = {}) => ({
  verdicts: [verdict([stand('eu-1', state, more)], of)],
});
const places = (servers: readonly Server[], more = {}) => ({
  place: { ...PLACE, format: 'static_configs' as const, servers, ...more },
});
const URL_SERVER: Server = { url: 'http://p:9090/', reload: false };
const service = { namespace: 'monitoring', name: 'prometheus-server', port: 80 };
const fault = (code: FaultCode) => new Fault(code, 'the message', { remedy: 'the remedy' });

test.each<[what: string, parts: Parts, rung: Rung | null, reason: string | null, remedy?: string]>([
  ['scraped', {}, null, null],
  ['listed, where no server is named', at('listed'), null, null],

  // record
  ['without a record', none(), 'record', 'no record set gives this id', REGISTER],
  [
    'whose name is one of a longer word',
    none('eu-11.prometheus.internal A', 'eu-1-old.prometheus.internal A'),
    'record',
    'no record set gives this id',
    REGISTER,
  ],
  [
    'whose record is gone, while keep holds its target',
    { listings: [[]], ...at('scraped', { blocked: 'kept' }) },
    'record',
    'no record set gives this id; its target eu-1.prometheus.internal is still in a list',
  ],
  [
    'that a record almost names',
    none('eu1.prometheus.internal A'),
    'record',
    'no record set gives this id; eu1 is almost the same',
  ],
  [
    'whose pattern does not show a name',
    { ...none(), job: { from: [from({ name: '^(?<clusterID>.+)(-a|-b)$' })] } },
    'record',
    'no record set gives this id',
    'Register a name that matches ^(?<clusterID>.+)(-a|-b)$ and gives the clusterID eu-1.',
  ],

  // selected
  [
    'left out by its type',
    { listings: listed('eu-1.prometheus.internal TXT') },
    'selected',
    'eu-1.prometheus.internal TXT: its type is not one of A, CNAME',
    EXPLAIN,
  ],
  [
    'left out by its name, of which it is a label',
    { listings: listed('grafana.eu-1.internal A') },
    'selected',
    String.raw`grafana.eu-1.internal A: its name does not match select.name ^(?<clusterID>[^.]+)\.prometheus\.internal$`,
    'federation-sync explain grafana.eu-1.internal',
  ],
  [
    'left out by exclude',
    { job: { from: [from({ exclude: ['^us-', '^eu-'] })] } },
    'selected',
    'eu-1.prometheus.internal CNAME: its name matches select.exclude ^eu-',
    EXPLAIN,
  ],
  [
    'left out by its set identifier',
    {
      listings: listed('eu-1.prometheus.internal A [hibernating]'),
      job: { from: [from({ setIdentifier: '^(?!.*hibernating)' })] },
    },
    'selected',
    'eu-1.prometheus.internal A: its set identifier does not match select.setIdentifier ^(?!.*hibernating)',
  ],
  [
    'skipped, because its target is not allowed',
    { job: { from: [{ ...from(), target: '{label}' }] } },
    'selected',
    'eu-1.prometheus.internal CNAME: address-not-allowed, eu-1 is a single label, which resolves to whatever its search list has; allowAddresses: true in its from allows that',
  ],
  [
    'that this list cannot hold',
    {
      verdicts: [
        verdict([], {
          skipped: [
            {
              record: 'eu-1.prometheus.internal.',
              type: 'CNAME',
              code: 'port-missing',
              reason: 'an endpoint must have a port',
            },
          ],
        }),
      ],
    },
    'selected',
    'eu-1.prometheus.internal CNAME: port-missing, an endpoint must have a port',
  ],
  [
    'of several records, by the one that passed the most rules',
    {
      listings: listed(
        'x.eu-1.internal A',
        'eu-1.prometheus.internal TXT',
        'eu-1.prometheus.internal A',
      ),
      job: { from: [from({ exclude: ['^eu'] })] },
    },
    'selected',
    'eu-1.prometheus.internal A: its name matches select.exclude ^eu',
  ],

  // list
  ['never synced', at('not-synced'), 'list', 'not in the list; the next sync adds it', SYNC],
  [
    'listed with other labels',
    at('not-synced', { detail: 'the list has clusterID=old' }),
    'list',
    'not in the list; the next sync adds it; the list has clusterID=old',
    SYNC,
  ],
  [
    'paused',
    at('not-synced', { blocked: 'paused' }),
    'list',
    'not in the list: the object is paused',
    'kubectl annotate configmap targets -n monitoring route53-federation-sync/paused-',
  ],
  [
    'that a sync fails to add',
    at('not-synced', { blocked: 'object-too-large' }, { refused: fault('object-too-large') }),
    'list',
    'not in the list: object-too-large: the message',
    'the remedy',
  ],
  [
    'that the guard has nothing to do with',
    at('not-synced', {}, { refused: fault('guard-max-removed') }),
    'list',
    'not in the list; the next sync adds it',
    SYNC,
  ],
  ...(
    ['object-missing', 'object-not-ours', 'key-missing', 'file-missing', 'job-missing'] as const
  ).map((code): [string, Parts, Rung, string, string] => [
    `without a list: ${code}`,
    { verdicts: [verdict([], { fault: fault(code) })] },
    'list',
    `not in the list: ${code}: the message`,
    'the remedy',
  ]),

  // loaded
  [
    'not loaded, of a list that the server watches',
    at('not-loaded'),
    'loaded',
    'in the list, not loaded yet',
    'federation-sync doctor --job federate',
  ],
  [
    'not loaded, of a list that pods are nudged for',
    at('not-loaded', {}, { place: { ...PLACE, nudge: 'app=prometheus,tier in (a, b)' } }),
    'loaded',
    'in the list, not loaded yet',
    `kubectl annotate pods -n monitoring -l 'app=prometheus,tier in (a, b)' --overwrite route53-federation-sync/nudged="$(date +%s)"`,
  ],
  [
    'loaded otherwise, by a server with a URL',
    at('not-loaded', { detail: 'loaded as clusterID=old' }, places([URL_SERVER])),
    'loaded',
    'not loaded: loaded as clusterID=old',
    'curl -X POST http://p:9090/-/reload',
  ],
  [
    'not loaded by a server behind a service',
    at('not-loaded', {}, places([{ service: { ...service, path: '/prom/' }, reload: false }])),
    'loaded',
    'in the list, not loaded yet',
    'kubectl create --raw /api/v1/namespaces/monitoring/services/prometheus-server:80/proxy/prom/-/reload -f /dev/null',
  ],
  [
    'not loaded by a server that is nudged and reloaded',
    at('not-loaded', {}, places([URL_SERVER], { nudge: 'app=p' })),
    'loaded',
    'in the list, not loaded yet',
    'kubectl annotate pods -n monitoring -l \'app=p\' --overwrite route53-federation-sync/nudged="$(date +%s)" && curl -X POST http://p:9090/-/reload',
  ],
  [
    'not loaded, since the last reload failed',
    at('not-loaded', {}, { servers: [server({ reloaded: false })] }),
    'loaded',
    'not loaded: the last reload of http://p:9090 failed',
    "Fix the server's configuration: its log names the line, as promtool check config does.",
  ],

  // scraped
  [
    'down',
    at('down', { detail: 'no such host', cause: 'the name does not resolve' }),
    'scraped',
    'eu-1.prometheus.internal: no such host',
    `the name does not resolve. Check: ${VERIFY}`,
  ],
  [
    'down for an unknown reason',
    at('down', { detail: 'a new error' }),
    'scraped',
    'eu-1.prometheus.internal: a new error',
    VERIFY,
  ],
  [
    'dropped',
    at('dropped'),
    'scraped',
    'eu-1.prometheus.internal is dropped by relabelling',
    `Correct the relabel_configs of the scrape config. Check: ${VERIFY}`,
  ],
  ['waiting', at('waiting'), 'scraped', 'eu-1.prometheus.internal is not scraped yet', VERIFY],
])('a cluster %s', (_, parts, lost, reason, remedy) => {
  const row = rowOf(parts);
  expect(row).toMatchObject({ cluster: 'eu-1', lost, reason });
  if (remedy !== undefined) expect(row.remedy).toBe(remedy);
  if (lost === null) expect(row).toMatchObject({ remedy: null, since: null });
});

test('what is not loaded is so since the server loaded its configuration, if that is known', () => {
  expect(rowOf(at('not-loaded', {}, { servers: [server()] })).since).toBe('2026-11-26T10:00:00Z');
  expect(rowOf(at('not-loaded', {}, { servers: [server(), server()] })).since).toBeNull();
});

describe('a name in capital letters', () => {
  const parts = {
    expected: expected('EU-1'),
    listings: listed('EU-1.prometheus.internal CNAME'),
  };

  test('is reported with the id that differs in case only, and what to expect instead', () => {
    expect(rowOf(parts)).toMatchObject({
      cluster: 'EU-1',
      lost: 'record',
      reason: 'no record set gives this id; eu-1 differs in case only',
      remedy: expect.stringContaining('Expect eu-1: leave this name out of expect.eks.name'),
    });
  });

  test('and the target is of no cluster that is expected', () => {
    expect(coverageOfOne(parts).orphaned).toEqual([
      { target: 'eu-1.prometheus.internal', cluster: 'eu-1' },
    ]);
  });
});

describe('several targets of one cluster', () => {
  const two = (a: Parameters<typeof stand>[1], b: Parameters<typeof stand>[1]) =>
    rowOf({
      listings: listed('eu-1.a.internal A', 'eu-1.b.internal A'),
      job: { from: [from({ name: '.' })] },
      verdicts: [
        verdict([
          stand('eu-1', a, { address: 'eu-1.a.internal' }),
          stand('eu-1', b, { address: 'eu-1.b.internal' }),
        ]),
      ],
    });

  test('are as far as the furthest', () => {
    expect(two('scraped', 'down').lost).toBeNull();
    expect(two('not-synced', 'scraped').lost).toBeNull();
    expect(two('not-loaded', 'down')).toMatchObject({
      lost: 'scraped',
      reason: 'eu-1.b.internal is down',
    });
  });
});

describe('several clusters of one id', () => {
  const shared = {
    all: [{ id: 'eu-1', clusters: ['eu-west-1/a-eu-1', 'us-east-1/b-eu-1'] }],
    faults: [],
  };

  test('need as many targets', () => {
    expect(rowOf({ expected: shared })).toMatchObject({
      lost: 'record',
      reason: '2 clusters have this id (eu-west-1/a-eu-1, us-east-1/b-eu-1), and 1 target has it',
      remedy: expect.stringContaining('Give each an id of its own'),
    });
  });

  test('with as many targets are covered', () => {
    const also = [{ address: 'eu-1.b.internal', labels: { clusterID: 'eu-1' } }];
    expect(rowOf({ expected: shared, job: { also } }).lost).toBeNull();
  });
});

test('a target of `also` covers a cluster, and is never orphaned', () => {
  const also = ['central', 'other'].map((id) => ({
    address: `prometheus.${id}:80`,
    labels: { clusterID: id },
  }));
  const stands = also.map(({ address, labels }) => stand(labels.clusterID, 'scraped', { address }));
  const coverage = coverageOfOne({
    expected: expected('central'),
    listings: [[]],
    job: { also },
    verdicts: [verdict(stands)],
  });
  expect(coverage).toMatchObject({ clusters: [{ lost: null }], orphaned: [] });
});

describe('several places', () => {
  test('are as far as the worst', () => {
    const verdicts = [...at('scraped').verdicts, ...at('not-synced').verdicts];
    expect(rowOf({ verdicts }).lost).toBe('list');
  });

  test('of which one is unknown show what the others lack', () => {
    const unknown = verdict([], { fault: fault('kubernetes-forbidden') });
    const verdicts = [unknown, ...at('down').verdicts];
    expect(coverageOfOne({ verdicts })).toMatchObject({
      clusters: [{ lost: 'scraped' }],
      faults: [{ code: 'kubernetes-forbidden' }],
    });
    expect(rowOf({ verdicts: [unknown, ...at('scraped').verdicts] })).toMatchObject({
      lost: null,
      reason: 'unknown: kubernetes-forbidden: the message',
    });
  });
});

test('a server that could not be asked leaves the rest unknown, and is an error', () => {
  const of = { fault: fault('prometheus-unreachable') };
  expect(coverageOfOne(at('listed', {}, of))).toMatchObject({
    clusters: [{ lost: null, reason: 'in the list; else unknown: prometheus-unreachable' }],
    faults: [{ code: 'prometheus-unreachable' }],
  });
  expect(rowOf(at('not-synced', {}, of)).lost).toBe('list');
});

describe('a target whose cluster is not expected', () => {
  const two = {
    listings: listed('eu-1.prometheus.internal A', 'old.prometheus.internal A'),
    verdicts: [verdict([stand('eu-1', 'scraped'), stand('old', 'down')])],
  };

  test('is orphaned', () => {
    expect(coverageOfOne(two).orphaned).toEqual([
      { target: 'old.prometheus.internal', cluster: 'old' },
    ]);
  });

  test('is unknown where a source of clusters is missing', () => {
    const forbidden = { ...expected('eu-1'), faults: [fault('clusters-forbidden')] };
    expect(coverageOfOne({ ...two, expected: forbidden })).toMatchObject({
      orphaned: [],
      faults: [{ code: 'clusters-forbidden' }],
    });
  });

  test('is none once its record is gone, or left out', () => {
    const stands = [stand('eu-1', 'scraped'), stand('old', 'unwanted')];
    const gone = { ...two, listings: listed('eu-1.prometheus.internal A') };
    expect(coverageOfOne({ ...gone, verdicts: [verdict(stands)] }).orphaned).toEqual([]);
    const job = { from: [from({ exclude: ['^old'] })] };
    expect(coverageOfOne({ ...two, job, verdicts: [verdict(stands)] }).orphaned).toEqual([]);
  });
});

test('rows are sorted by rung, then by id', () => {
  const verdicts = [verdict([stand('b', 'down'), stand('a', 'scraped'), stand('d', 'not-loaded')])];
  const { clusters } = coverageOfOne({
    expected: expected('f', 'a', 'b', 'c', 'd', 'e'),
    listings: listed(...['a', 'b', 'c', 'd'].map((id) => `${id}.prometheus.internal A`)),
    job: { from: [from({ exclude: ['^c'] })] },
    verdicts,
  });
  expect(clusters.map(({ cluster, lost }) => `${cluster} ${lost}`)).toEqual([
    ...['e record', 'f record', 'c selected', 'd loaded', 'b scraped', 'a null'],
  ]);
});
