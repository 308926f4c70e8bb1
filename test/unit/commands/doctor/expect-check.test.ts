import { beforeEach, expect, test, vi } from 'vitest';
import { type Emulators, startEmulators } from '../../../support/emulators/emulators.ts';
import { folderWith, run, zoneOf } from '../run.ts';

const OTHER = '210987654321';
const ROLE = `arn:aws:iam::${OTHER}:role/reader`;

let emulators: Emulators;

beforeEach(async () => {
  emulators = await startEmulators();
  for (const [name, value] of Object.entries(emulators.env)) vi.stubEnv(name, value);
  for (const name of ['prod-eu-1', 'prod-eu-2', 'test-1']) {
    emulators.aws.eks.putCluster({ name, region: 'eu-west-1' });
  }
  return async () => {
    vi.unstubAllEnvs();
    await emulators.close();
  };
});

/** A job per argument, whose `expect` has these sources. Nothing else needs AWS. */
const settings = (...jobs: readonly string[]) =>
  `jobs:\n${jobs
    .map(
      (expected, i) => `
  - job: federate-${i}
    from: [{ records: zone.json }]
    select: { name: internal }
    expect: [${expected}]
    to: { file: targets-${i}.yml, format: file_sd }
`,
    )
    .join('')}`;

/** The findings about sources of clusters, and about AWS. */
async function doctor(jobs: readonly string[], clusters = 'a\nb\n') {
  const folder = folderWith({
    'federation-sync.yml': settings(...jobs),
    'zone.json': zoneOf('a.prometheus.internal. A'),
    'clusters.txt': clusters,
    ...Object.fromEntries(jobs.map((_, i) => [`targets-${i}.yml`, '[]\n'])),
  });
  const { code, json } = await run(folder, ['doctor', '--json']);
  const all: { about: string; status: string; message: string; remedy?: string; code?: string }[] =
    json.findings;
  const own = all.filter(({ about }) => /^(?:AWS|EKS .*|file (?!zone).*)$/.test(about));
  const texts = own.map(({ status, about, message }) => `${status} ${about}: ${message}`);
  return { code, own, texts, folder };
}

const listings = () =>
  emulators.faults.calls.filter(({ operation }) => operation === 'ListClusters').length;

test('each source has how many clusters it lists, and how many its pattern matches', async () => {
  const { code, texts } = await doctor([
    "{ eks: { region: eu-west-1, name: '^prod-(?<clusterID>.+)$' } }, { file: clusters.txt }",
    '{ eks: {} }',
  ]);
  expect(code).toBe(0);
  expect(texts).toEqual([
    `ok AWS: ${emulators.credentials.arn}`,
    'ok EKS eu-west-1: 4 clusters, 2 of them match ^prod-(?<clusterID>.+)$',
    'ok file clusters.txt: 2 clusters',
    'ok EKS eu-west-1: 4 clusters',
  ]);
});

test('a source that several jobs name is listed once, with a finding per pattern', async () => {
  const source = (name: string) => `{ eks: { region: eu-west-1, name: '${name}' } }`;
  const { texts } = await doctor([source('^prod-'), source('^test-'), source('^prod-')]);
  expect(texts.slice(1)).toEqual([
    'ok EKS eu-west-1: 4 clusters, 2 of them match ^prod-',
    'ok EKS eu-west-1: 4 clusters, 1 of them match ^test-',
  ]);
  expect(listings()).toBe(1);
});

test('a pattern that matches none, and an empty source, are warnings', async () => {
  const { code, own, texts } = await doctor(
    [
      "{ eks: { region: eu-west-1, name: '^none-' } }, { eks: { region: us-east-1 } }, { file: clusters.txt }",
    ],
    '# none yet\n',
  );
  expect(code).toBe(0);
  expect(texts.slice(1)).toEqual([
    'warning EKS eu-west-1: 4 clusters, and none matches expect.eks.name ^none-',
    'warning EKS us-east-1: no clusters',
    'warning file clusters.txt: no clusters',
  ]);
  expect(own[1]?.remedy).toBe('Correct the pattern; the first are central, prod-eu-1, prod-eu-2.');
});

test('what cannot be listed is a failure with its code, once', async () => {
  emulators.aws.identity.deny('eks:ListClusters');
  emulators.aws.identity.addRole({ arn: ROLE, externalId: 'right' });
  const { code, own } = await doctor([
    '{ eks: { region: eu-west-1 } }, { file: missing.txt }',
    `{ eks: { region: eu-west-1, name: '^prod-' } }, { eks: { region: eu-west-1, roleArn: '${ROLE}', externalId: wrong } }`,
  ]);
  expect(code).toBe(1);
  expect(own.slice(1)).toMatchObject([
    {
      status: 'failure',
      about: 'EKS eu-west-1',
      code: 'clusters-forbidden',
      remedy: expect.stringContaining('eks:ListClusters'),
    },
    { status: 'failure', about: 'file missing.txt', code: 'expect-unreadable' },
    { status: 'failure', about: `EKS ${OTHER}/eu-west-1`, code: 'role-forbidden' },
  ]);
});

test('without credentials, files alone are checked', async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, '');
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
  const { code, own } = await doctor(['{ eks: { region: eu-west-1 } }, { file: clusters.txt }']);
  expect(code).toBe(1);
  expect(own).toMatchObject([
    { about: 'AWS', code: 'aws-credentials' },
    { about: 'file clusters.txt', status: 'ok' },
  ]);
  expect(emulators.faults.calls).toEqual([]);
});

test('files need no AWS', async () => {
  const { texts } = await doctor(['{ file: clusters.txt }']);
  expect(texts).toEqual(['ok file clusters.txt: 2 clusters']);
  expect(emulators.faults.calls).toEqual([]);
});
