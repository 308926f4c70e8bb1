import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Aws } from '../../../src/aws/clients.ts';
import { type Clusters, clustersOf } from '../../../src/coverage/clusters.ts';
import { ExpectedClusters } from '../../../src/coverage/expected.ts';
import type { Expect } from '../../../src/job.ts';
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { quickRetries } from '../../system/faults/quick-retries.ts';

const OTHER = '222222222222';
const ROLE = `arn:aws:iam::${OTHER}:role/reader`;
let emulators: Emulators;
let folder: string;
let clusters: Clusters;

beforeAll(async () => {
  emulators = await startEmulators();
  folder = temporaryFolder('expected');
});
afterAll(async () => {
  await emulators.close();
  removeFolder(folder);
});
beforeEach(() => {
  emulators.faults.clear();
  emulators.aws.identity.allowAgain();
  for (const [name, value] of Object.entries(emulators.env)) process.env[name] = value;
  const aws = new Aws({ retryStrategy: quickRetries(3) });
  clusters = clustersOf((source) => aws.eks(source));
});

const run = { signal: AbortSignal.timeout(20_000) };
const eks = (more: object = {}): Expect => ({ eks: { connected: false, ...more } });
const expectedBy = (...sources: Expect[]) =>
  new ExpectedClusters(clusters, run).of({ expect: sources });
const idsOf = async (...sources: Expect[]) =>
  (await expectedBy(...sources)).all.map(({ id }) => id);

describe('the clusters of EKS', () => {
  beforeAll(() => {
    const { aws } = emulators;
    aws.eks.deleteCluster('central', { region: 'eu-west-1' });
    for (let n = 0; n < 250; n++) {
      const name = `prod-eu-${String(n).padStart(3, '0')}`;
      aws.eks.putCluster({ name, region: 'eu-west-1' });
    }
    aws.eks.putCluster({ name: 'test-1', region: 'eu-west-1' });
    aws.eks.putCluster({ name: 'on-premises', region: 'eu-west-1', connected: true });
    aws.eks.putCluster({ name: 'prod-us', region: 'us-east-1' });
    aws.eks.putCluster({ name: 'prod-eu-000', region: 'eu-west-1', account: OTHER });
    aws.identity.addRole({ arn: ROLE, externalId: 'x' });
  });

  test('are listed page by page, in the Region of the environment', async () => {
    emulators.faults.calls.length = 0;
    const ids = await idsOf(eks());
    expect(ids).toHaveLength(251);
    expect(ids.slice(0, 2)).toEqual(['prod-eu-000', 'prod-eu-001']);
    const listed = emulators.faults.calls.filter(({ operation }) => operation === 'ListClusters');
    expect(listed).toHaveLength(3);
  });

  test('are those that the pattern matches, by its group or their whole name', async () => {
    expect(await idsOf(eks({ name: '^prod-(?<clusterID>eu-00.)$' }))).toEqual(
      Array.from({ length: 10 }, (_, n) => `eu-00${n}`),
    );
    expect(await idsOf(eks({ name: '^test-' }))).toEqual(['test-1']);
    expect(await idsOf(eks({ name: '^test-(?<clusterID>x?)' }))).toEqual(['test-1']);
  });

  test('are of another Region, or with those that are connected', async () => {
    expect(await idsOf(eks({ region: 'us-east-1' }))).toEqual(['prod-us']);
    expect(await idsOf(eks({ name: 'prem' }))).toEqual([]);
    expect(await idsOf(eks({ name: 'prem', connected: true }))).toEqual(['on-premises']);
  });

  test('are of another account, by its role', async () => {
    const other = { region: 'eu-west-1', roleArn: ROLE, externalId: 'x' };
    expect(await expectedBy(eks(other))).toEqual({
      all: [{ id: 'prod-eu-000', clusters: [`${OTHER}/eu-west-1/prod-eu-000`] }],
      faults: [],
    });
  });

  test('of several sources are a union, with what is behind an id', async () => {
    const name = '^prod-(?<clusterID>eu-000)$';
    writeFileSync(join(folder, 'clusters.txt'), '# by hand\n\n eu-000 \r\nedge\n');
    const own = eks({ region: 'eu-west-1', name });
    const other = eks({ region: 'eu-west-1', name, roleArn: ROLE, externalId: 'x' });
    const file = { file: join(folder, 'clusters.txt') };
    expect((await expectedBy(own, other, file, own)).all).toEqual([
      { id: 'eu-000', clusters: ['eu-west-1/prod-eu-000', `${OTHER}/eu-west-1/prod-eu-000`] },
      { id: 'edge', clusters: [] },
    ]);
  });

  test('are listed once for several jobs and patterns', async () => {
    emulators.faults.calls.length = 0;
    const expected = new ExpectedClusters(clusters, run);
    const lists = ['^test', '^prod-eu-001'].map((name) =>
      expected.of({ expect: [eks({ region: 'eu-west-1', name })] }),
    );
    expect((await Promise.all(lists)).map(({ all }) => all.length)).toEqual([1, 1]);
    expect(emulators.faults.calls).toHaveLength(3);
  });
});

describe('a source that cannot be read leaves the others', () => {
  const codesOf = async (...sources: Expect[]) => {
    const { all, faults } = await expectedBy(...sources);
    return { ids: all.map(({ id }) => id), codes: faults.map(({ code }) => code) };
  };

  test('a missing permission', async () => {
    emulators.aws.identity.deny('eks:ListClusters');
    writeFileSync(join(folder, 'clusters.txt'), 'edge\n');
    expect(await codesOf(eks(), { file: join(folder, 'clusters.txt') })).toEqual({
      ids: ['edge'],
      codes: ['clusters-forbidden'],
    });
  });

  test('a page that fails leaves none of its clusters', async () => {
    emulators.faults.on(
      { operation: 'ListClusters', nth: 2, times: 9 },
      { refuse: { status: 500 } },
    );
    expect(await codesOf(eks({ region: 'eu-west-1' }))).toEqual({
      ids: [],
      codes: ['aws-unavailable'],
    });
  });

  test('a file, a role, a Region', async () => {
    expect(await codesOf({ file: join(folder, 'none.txt') })).toMatchObject({
      codes: ['expect-unreadable'],
    });
    const denied = eks({ region: 'eu-west-1', roleArn: ROLE, externalId: 'other' });
    expect(await codesOf(denied)).toMatchObject({ codes: ['role-forbidden'] });
    delete process.env.AWS_REGION;
    delete process.env.AWS_DEFAULT_REGION;
    expect(await codesOf(eks())).toMatchObject({ codes: ['cluster-invalid'] });
  });

  test('a page that is repeated, and an answer that is not from EKS', async () => {
    const answers = [{ clusters: ['a'], nextToken: 't' }, undefined];
    for (const [answer, code] of [
      [answers[0], 'listing-inconsistent'],
      [answers[1], 'aws-unavailable'],
    ] as const) {
      const client = { config: { region: async () => 'r' }, listClusters: async () => answer };
      clusters = clustersOf(() => client as never);
      expect(await codesOf(eks())).toEqual({ ids: [], codes: [code] });
    }
  });

  test('a pattern that backtracks', async () => {
    clusters = { list: async () => [`${'a'.repeat(40)}!`] };
    expect(await codesOf(eks({ name: '^(a+)+$' }))).toMatchObject({ codes: ['pattern-timeout'] });
  });
});
