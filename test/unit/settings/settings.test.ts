import { describe, expect, test } from 'vitest';
import type { Job } from '../../../src/job.ts';
import { parseSettings } from '../../../src/settings/parse.ts';
import { goodSettings } from './good-settings.ts';

const settings = (text: string) => parseSettings(text, 'federation-sync.yml', '/etc/x');
const jobOf = (text: string): Job => settings(text).jobs[0] as Job;

const LEAST = `
jobs:
  - job: federate
    from: [{ zone: Z08214473FVAJ9QTLWTEC }]
    select: { name: '\\.internal$' }
    to: { file: prometheus.yml }
`;

test('what is left out has its default', () => {
  expect(settings(LEAST)).toEqual({
    cluster: undefined,
    jobs: [
      {
        name: 'federate',
        job: 'federate',
        from: [
          {
            source: { zone: 'Z08214473FVAJ9QTLWTEC' },
            select: {
              types: ['A', 'AAAA', 'CNAME'],
              name: '\\.internal$',
              exclude: [],
              setIdentifier: undefined,
            },
            target: '{name}',
            labels: { clusterID: '{label}' },
          },
        ],
        also: [],
        expect: [],
        guard: { maxRemoved: { percent: 20 }, perMs: 3_600_000, minTargets: 1, adopt: 'refuse' },
        keepMs: 0,
        to: [
          {
            location: { kind: 'file', path: '/etc/x/prometheus.yml', written: 'prometheus.yml' },
            format: 'static_configs',
            create: false,
            nudge: undefined,
            servers: [],
            waitMs: 0,
          },
        ],
      },
    ],
  });
});

test('addresses are allowed by the entry of from that says it', () => {
  const [one, two] = jobOf(
    LEAST.replace(
      '[{ zone: Z08214473FVAJ9QTLWTEC }]',
      '[{ zone: Z1, allowAddresses: true }, { zone: Z2, allowAddresses: false }]',
    ),
  ).from;
  expect([one?.allowAddresses, two?.allowAddresses]).toEqual([true, undefined]);
});

test('what is given is taken, of all that can be given', () => {
  const all = settings(goodSettings['all that can be given']);
  expect(all.cluster).toEqual({
    eks: {
      name: 'central',
      region: 'eu-west-1',
      roleArn: 'arn:aws:iam::111122223333:role/writer',
      externalId: 'x',
      endpoint: 'https://ABC.gr7.eu-west-1.eks.amazonaws.com',
      certificateAuthority: 'LS0tLS1CRUdJTiBD',
    },
  });
  const [job] = all.jobs;
  expect(job).toMatchObject({ name: 'eu', job: 'federate' });
  expect(job?.from).toEqual([
    {
      source: {
        zone: 'Z08214473FVAJ9QTLWTEC',
        public: true,
        roleArn: 'arn:aws:iam::222222222222:role/reader',
        externalId: 'federation-sync',
      },
      // Its own over those of the job; what it does not say is the job's.
      select: {
        types: ['CNAME'],
        name: '^(?<clusterID>[^.]+)\\.prometheus\\.internal$',
        exclude: ['^old-'],
        setIdentifier: '^(?!.*hibernating)',
      },
      target: '{host}:443',
      labels: {},
    },
    {
      source: { records: '/etc/x/zone.json' },
      select: {
        types: ['A'],
        name: '^(?<clusterID>[^.]+)\\.prometheus\\.internal$',
        exclude: ['^test-'],
        setIdentifier: '^(?!.*hibernating)',
      },
      target: '{name}',
      labels: { clusterID: '{clusterID}', zone: '{zone}' },
    },
  ]);
  expect(job?.also).toEqual([
    { address: 'prometheus-server.monitoring:80', labels: { clusterID: 'central' } },
    { address: 'b:80', labels: { clusterID: 'central' } },
  ]);
  const perMs = ((26 * 60 + 3) * 60 + 4) * 1000;
  expect(job?.guard).toEqual({
    maxRemoved: { count: 5 },
    perMs,
    minTargets: 0,
    adopt: 'replace',
  });
  expect(job?.keepMs).toBe(15 * 60_000);
  expect(job?.to).toEqual([
    {
      location: {
        kind: 'configMap',
        namespace: 'monitoring',
        name: 'prometheus-server',
        key: 'prometheus.yml',
      },
      format: 'static_configs',
      create: false,
      nudge: undefined,
      servers: [{ url: 'https://prometheus.example.com', reload: false }],
      waitMs: 0,
    },
    {
      location: { kind: 'secret', namespace: 'monitoring', name: 'additional', key: 'scrape.yml' },
      format: 'scrape_configs',
      create: false,
      nudge: undefined,
      servers: [],
      waitMs: 0,
    },
    {
      location: {
        kind: 'configMap',
        namespace: 'monitoring',
        name: 'targets',
        key: 'targets.json',
      },
      format: 'file_sd',
      create: true,
      nudge: undefined,
      servers: [],
      waitMs: 0,
    },
  ]);
});

describe('settings', () => {
  test('may repeat themselves by anchors and merge keys', () => {
    const { jobs } = settings(`
jobs:
  - &base
    job: a
    from: [{ zone: Z1 }]
    select: { name: x }
    to: { file: a.yml }
  - <<: *base
    job: b
    to: { file: b.yml }
`);
    expect(jobs.map(({ name, from }) => [name, from[0]?.source])).toEqual([
      ['a', { zone: 'Z1' }],
      ['b', { zone: 'Z1' }],
    ]);
  });

  test('accept a kubeconfig in addition', () => {
    expect(
      settings(`cluster: { kubeconfig: { path: ./kubeconfig, context: c } }${LEAST}`),
    ).toMatchObject({
      cluster: { kubeconfig: { path: '/etc/x/kubeconfig', context: 'c' } },
    });
    expect(settings(`cluster: { kubeconfig: {} }${LEAST}`).cluster).toEqual({ kubeconfig: {} });
    expect(settings(`cluster: { inCluster: true }${LEAST}`).cluster).toEqual({ inCluster: true });
  });

  test('take a certificate authority as PEM, too', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    const eks = JSON.stringify({ name: 'central', certificateAuthority: pem });
    expect(settings(`cluster: { eks: ${eks} }${LEAST}`).cluster).toEqual({
      eks: { name: 'central', certificateAuthority: Buffer.from(pem).toString('base64') },
    });
  });

  test.each(['static_configs', 'scrape_configs'])(
    'let several jobs own lists of one document of %s',
    (format) => {
      const { jobs } = settings(`
jobs:
  - { job: a, from: [{ zone: Z1 }], select: { name: x }, to: { file: x.yml, format: ${format} } }
  - { job: b, from: [{ zone: Z1 }], select: { name: x }, to: { file: ./x.yml, format: ${format} } }
`);
      expect(jobs.map(({ to }) => to[0]?.location)).toMatchObject([
        { path: '/etc/x/x.yml' },
        { path: '/etc/x/x.yml' },
      ]);
    },
  );

  test('name a job after its scrape config, or by itself where there is none', () => {
    expect(jobOf(LEAST).name).toBe('federate');
    expect(jobOf(LEAST.replace('job: federate', 'job: federate\n    name: eu')).name).toBe('eu');
    const own = LEAST.replace('job: federate', 'name: eu').replace(
      'prometheus.yml',
      't.json, format: file_sd',
    );
    expect(jobOf(own).name).toBe('eu');
  });

  test.each([
    ['20%', { percent: 20 }],
    ['0%', { percent: 0 }],
    ['100%', { percent: 100 }],
    ['0', { count: 0 }],
    ['25', { count: 25 }],
  ])('take maxRemoved: %s', (written, maxRemoved) => {
    expect(jobOf(`${LEAST}    guard: { maxRemoved: ${written} }`).guard).toEqual({
      maxRemoved,
      perMs: 3_600_000,
      minTargets: 1,
      adopt: 'refuse',
    });
  });
});

test('a place names its servers, how they are reached, and how long a sync waits for them', () => {
  const { jobs } = settings(goodSettings.servers);
  expect(jobs[0]?.to[0]).toMatchObject({
    nudge: 'app.kubernetes.io/name=prometheus,tier in (a, b),!canary',
    waitMs: 90_000,
    servers: [
      { url: 'http://a:9090/prometheus', reload: false },
      {
        url: 'https://b',
        caFile: '/etc/x/ca.pem',
        bearerToken: { file: '/etc/x/token' },
        reload: false,
      },
      {
        url: 'https://c',
        basicAuth: { username: 'sync', password: { env: 'PASSWORD' } },
        reload: true,
      },
      { service: { namespace: 'm', name: 'prometheus-server', port: 80 }, reload: false },
      {
        service: { namespace: 'm', name: 'd', port: 'web', scheme: 'https', path: '/d' },
        reload: true,
      },
    ],
  });
});

test('clusters are expected of EKS in Regions and accounts, and of files', () => {
  const role = 'arn:aws:iam::111122223333:role/reader';
  const { expect: sources } = jobOf(`${LEAST}    expect:
      - eks: {}
      - eks: { region: eu-west-1, name: '^prod-', connected: true, roleArn: '${role}', externalId: x }
      - file: clusters.txt
`);
  expect(sources).toEqual([
    { eks: { connected: false } },
    {
      eks: {
        region: 'eu-west-1',
        name: '^prod-',
        connected: true,
        roleArn: role,
        externalId: 'x',
      },
    },
    { file: '/etc/x/clusters.txt' },
  ]);
});
