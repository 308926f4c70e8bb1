import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EksClient } from '../../../../src/aws/eks-client.ts';
import type { EksCluster } from '../../../../src/job.ts';
import type { SignedIn } from '../../../../src/objects/cluster/access.ts';
import { EksAccess } from '../../../../src/objects/cluster/eks.ts';
import { eksToken } from '../../../../src/objects/cluster/eks-token.ts';
import { type Aws, startAws } from '../../../support/emulators/aws.ts';
import { type KnownCredentials, verifyToken } from '../../../support/parts/eks-token.ts';

const run = { signal: new AbortController().signal };
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const sessionToken = 'IQoJb3JpZ2luX2VjE+/=EXAMPLE+TOKEN/with==signs';
const known: KnownCredentials = { secretAccessKey, username: 'syncer', groups: ['federation'] };
const noon = new Date('2026-11-20T12:00:00Z');
const minutes = (count: number) => new Date(noon.getTime() + count * 60_000);

/** Endpoint and retries as a Lambda could not use them: what does not call AWS does not notice. */
const clientOf = (credentials: object = {}, more: object = {}) =>
  new EksClient({
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:1',
    maxAttempts: 1,
    credentials: async () => ({ accessKeyId: 'AKIA1', secretAccessKey, ...credentials }),
    ...more,
  });

const rules = { clusterName: 'central', credentials: { AKIA1: known }, now: () => noon };

describe('a token', () => {
  const { sha256 } = clientOf().config;
  const identity = { cluster: 'central', region: 'eu-west-1', sha256, now: noon };
  const credentials = { accessKeyId: 'AKIA1', secretAccessKey };

  test('is what the authenticator accepts, for this cluster only', async () => {
    const { token } = await eksToken({ ...identity, credentials });
    expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
    expect(verifyToken(token, rules)).toMatchObject({ identity: { username: 'syncer' } });
    expect(verifyToken(token, { ...rules, clusterName: 'other' }).identity).toBeUndefined();
  });

  test('carries the session token of temporary credentials', async () => {
    const { token } = await eksToken({
      ...identity,
      credentials: { ...credentials, sessionToken },
    });
    const temporary = { ...rules, credentials: { AKIA1: { ...known, sessionToken } } };
    expect(verifyToken(token, temporary)).toMatchObject({ identity: { username: 'syncer' } });
  });

  test.each([
    ['eu-west-1', 'sts.eu-west-1.amazonaws.com'],
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
    ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
    ['us-iso-east-1', 'sts.us-iso-east-1.c2s.ic.gov'],
    ['us-isob-east-1', 'sts.us-isob-east-1.sc2s.sgov.gov'],
    ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
  ])('of %s names %s', async (region, host) => {
    const { token } = await eksToken({ ...identity, region, credentials });
    const verdict = verifyToken(token, { ...rules, hosts: (given) => given === host });
    expect(verdict.host).toBe(host);
  });

  test('is valid for 14 minutes, or as long as its credentials', async () => {
    expect((await eksToken({ ...identity, credentials })).until).toBe(minutes(14).getTime());
    const short = { ...credentials, expiration: minutes(5) };
    expect((await eksToken({ ...identity, credentials: short })).until).toBe(minutes(5).getTime());
    const long = { ...credentials, expiration: minutes(60) };
    expect((await eksToken({ ...identity, credentials: long })).until).toBe(minutes(14).getTime());
  });
});

const tokenIn = ({ options }: SignedIn) =>
  (options.headers as Record<string, string>).authorization?.replace('Bearer ', '') ?? '';

describe('signing in', () => {
  const ca = Buffer.from('PEM').toString('base64');
  const cluster: EksCluster = {
    name: 'central',
    endpoint: 'https://central.example',
    certificateAuthority: ca,
  };
  let now: Date;
  beforeEach(() => {
    now = noon;
  });

  const tokenOf = async (access: EksAccess) => tokenIn(await access.signIn(run));

  test('calls no one where endpoint and certificate authority are given', async () => {
    const signedIn = await new EksAccess(cluster, clientOf(), () => now).signIn(run);
    expect(signedIn).toMatchObject({
      server: 'https://central.example',
      options: { ca: Buffer.from('PEM'), rejectUnauthorized: true },
    });
    expect(verifyToken(tokenIn(signedIn), rules)).toMatchObject({
      identity: { username: 'syncer' },
    });
  });

  test('keeps a token for 14 minutes, then signs another', async () => {
    const access = new EksAccess(cluster, clientOf(), () => now);
    const first = await tokenOf(access);
    now = minutes(13);
    expect(await tokenOf(access)).toBe(first);
    now = minutes(14);
    expect(await tokenOf(access)).not.toBe(first);
  });

  test('signs another after renew', async () => {
    const access = new EksAccess(cluster, clientOf(), () => now);
    const first = await tokenOf(access);
    now = minutes(1);
    access.renew();
    expect(await tokenOf(access)).not.toBe(first);
  });

  test('fails with aws-credentials without credentials', async () => {
    const client = clientOf(
      {},
      {
        credentials: async () => {
          throw Object.assign(new Error('none'), { name: 'CredentialsProviderError' });
        },
      },
    );
    await expect(new EksAccess(cluster, client).signIn(run)).rejects.toMatchObject({
      code: 'aws-credentials',
    });
  });

  test('fails with cluster-invalid without a Region', async () => {
    const client = clientOf(
      {},
      {
        region: async () => {
          throw new Error('Region is missing');
        },
      },
    );
    for (const given of [cluster, { name: 'central' }]) {
      await expect(new EksAccess(given, client).signIn(run)).rejects.toMatchObject({
        code: 'cluster-invalid',
      });
    }
  });

  test('ends at the timeout, even while it waits for credentials', async () => {
    const client = clientOf({}, { credentials: () => new Promise(() => undefined) });
    const late = { signal: AbortSignal.timeout(20) };
    await expect(new EksAccess(cluster, client).signIn(late)).rejects.toMatchObject({
      code: 'deadline',
    });
  });
});

describe('describing the cluster', () => {
  let aws: Aws;
  beforeAll(async () => {
    aws = await startAws();
  });
  beforeEach(() => aws.faults.clear());
  afterAll(() => aws.close());

  const accessTo = (cluster: EksCluster) =>
    new EksAccess(cluster, clientOf({}, { endpoint: aws.url }), () => new Date());
  const described = {
    name: 'central',
    endpoint: 'https://described.example',
    certificateAuthority: 'PEM',
  };

  test('returns endpoint and certificate authority, and is called once', async () => {
    aws.eks.putCluster(described);
    const access = accessTo({ name: 'central' });
    await access.signIn(run);
    access.renew();
    expect(await access.signIn(run)).toMatchObject({
      server: 'https://described.example',
      options: { ca: Buffer.from('PEM'), rejectUnauthorized: true },
    });
    expect(aws.faults.of('DescribeCluster')).toHaveLength(1);
  });

  test('returns what the settings leave out', async () => {
    aws.eks.putCluster(described);
    const access = accessTo({ name: 'central', endpoint: 'https://proxy.example' });
    expect(await access.signIn(run)).toMatchObject({
      server: 'https://proxy.example',
      options: { ca: Buffer.from('PEM') },
    });
  });

  test('is called again after it failed', async () => {
    aws.eks.putCluster(described);
    const access = accessTo({ name: 'central' });
    aws.faults.on({ operation: 'DescribeCluster' }, { refuse: { status: 503 } });
    await expect(access.signIn(run)).rejects.toMatchObject({ code: 'aws-unavailable' });
    await access.signIn(run);
  });

  test.each([
    ['cluster-missing', () => aws.eks.deleteCluster('central')],
    ['cluster-invalid', () => aws.eks.putCluster({ ...described, status: 'CREATING' })],
    ['cluster-invalid', () => aws.eks.putCluster({ ...described, status: 'DELETING' })],
    ['cluster-invalid', () => aws.eks.putCluster({ ...described, status: 'FAILED' })],
    ['cluster-forbidden', () => refuse(403)],
    ['aws-throttled', () => refuse(429)],
    ['aws-unavailable', () => aws.faults.on({}, 'reset-before')],
    ['aws-unavailable', () => aws.faults.on({}, 'html')],
    ['aws-unavailable', () => aws.faults.on({}, { status: 200, body: '{}' })],
  ])('ends with %s (%s)', async (code, spoil) => {
    aws.eks.putCluster(described);
    spoil();
    await expect(accessTo({ name: 'central' }).signIn(run)).rejects.toMatchObject({ code });
  });

  test.each(['ACTIVE', 'UPDATING'] as const)(
    'is content with a cluster that is %s',
    async (status) => {
      aws.eks.putCluster({ ...described, status });
      await accessTo({ name: 'central' }).signIn(run);
    },
  );

  const refuse = (status: number) => aws.faults.on({}, { refuse: { status } });
});
