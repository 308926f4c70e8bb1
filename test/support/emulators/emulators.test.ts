import { createHash, createHmac } from 'node:crypto';
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SourceData } from '@smithy/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startEmulatorProcess } from './emulator-process.ts';
import { type Emulators, startEmulators } from './emulators.ts';
import { statusOf } from './objects-contract.ts';
import { cname, listAll } from './record-sets.ts';

class Sha256 {
  readonly #hash;
  constructor(secret?: SourceData) {
    this.#hash = secret ? createHmac('sha256', secret as Buffer) : createHash('sha256');
  }
  update(data: SourceData): void {
    this.#hash.update(data as Buffer);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

describe('in this process', () => {
  let emulators: Emulators;
  beforeEach(async () => {
    emulators = await startEmulators();
    const { kubernetes, credentials } = emulators;
    kubernetes.put({ kind: 'ConfigMap', metadata: { namespace: 'monitoring', name: 'c' } });
    const rights = { namespace: 'monitoring', verbs: ['get'], resources: ['configmaps'] };
    kubernetes.grant({ group: 'federation' }, rights);
    emulators.addAccessEntry(credentials.arn, { groups: ['federation'] });
  });
  afterEach(() => emulators.close());

  type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

  /** As `aws eks get-token` makes it. */
  async function token(
    credentials: Credentials,
    { cluster = 'central', host = 'sts.eu-west-1.amazonaws.com', signingDate = new Date() } = {},
  ): Promise<string> {
    const signer = new SignatureV4({
      service: 'sts',
      region: 'eu-west-1',
      credentials,
      sha256: Sha256,
    });
    const { query } = await signer.presign(
      {
        method: 'GET',
        protocol: 'https:',
        hostname: host,
        path: '/',
        query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
        headers: { host, 'x-k8s-aws-id': cluster },
      },
      { signingDate, expiresIn: 60 },
    );
    const url = `https://${host}/?${new URLSearchParams(query as Record<string, string>)}`;
    return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
  }

  async function read(bearer: string): Promise<unknown> {
    const eks = new EKSClient({
      endpoint: emulators.aws.url,
      region: 'eu-west-1',
      credentials: emulators.credentials,
    });
    const { cluster } = await eks.send(new DescribeClusterCommand({ name: 'central' }));
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      {
        name: 'central',
        server: cluster?.endpoint ?? '',
        caData: cluster?.certificateAuthority?.data ?? '',
        skipTLSVerify: false,
      },
      { name: 'caller', token: bearer },
    );
    const api = config.makeApiClient(CoreV1Api);
    return api.readNamespacedConfigMap({ namespace: 'monitoring', name: 'c' });
  }

  test('an EKS token of the account opens the cluster that EKS describes', async () => {
    await read(await token(emulators.credentials));
    expect(emulators.faults.of('get configmaps')[0]).toMatchObject({
      accessKeyId: emulators.credentials.accessKeyId,
      status: 200,
    });
  });

  test("a role's token counts by its access entry, whatever the session's name", async () => {
    const arn = 'arn:aws:iam::123456789012:role/sync';
    emulators.aws.identity.addRole({ arn });
    const { aws, credentials } = emulators;
    const sts = new STSClient({ endpoint: aws.url, region: 'eu-west-1', credentials });
    const { Credentials: role } = await sts.send(
      new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'lambda' }),
    );
    const bearer = await token({
      accessKeyId: role?.AccessKeyId ?? '',
      secretAccessKey: role?.SecretAccessKey ?? '',
      sessionToken: role?.SessionToken ?? '',
    });
    expect(await statusOf(read(bearer))).toMatchObject({ code: 401 });
    expect(emulators.tokenErrors).toEqual([`${arn} has no access entry`]);
    emulators.addAccessEntry(arn, { groups: ['federation'] });
    await read(bearer);
  });

  test.for<[why: string, make: () => Promise<string>, error: RegExp]>([
    ['for another cluster', () => token(emulators.credentials, { cluster: 'other' }), /Signature/],
    [
      "for another host than the Region's STS",
      () => token(emulators.credentials, { host: '127.0.0.1:4566' }),
      /unexpected hostname "127\.0\.0\.1:4566"/,
    ],
    [
      'of a quarter of an hour ago',
      () => token(emulators.credentials, { signingDate: new Date(Date.now() - 901_000) }),
      /expired/,
    ],
    [
      'signed with a wrong secret',
      () => token({ ...emulators.credentials, secretAccessKey: 'wrong' }),
      /Signature/,
    ],
    ['that is none', async () => 'k8s-aws-v1.', /the token holds no URL/],
  ])('a token %s is Unauthorized', async ([, make, error]) => {
    expect(await statusOf(read(await make()))).toMatchObject({ code: 401 });
    expect(emulators.tokenErrors.at(-1)).toMatch(error);
  });
});

test('as a process of their own they are set up through the control port, and end with their parent', async () => {
  const emulators = await startEmulatorProcess();
  const zone = await emulators.call('route53', 'createZone', { name: 'x.internal' });
  await emulators.call('route53', 'upsert', zone, [cname('a.x.internal')]);
  const { AWS_ENDPOINT_URL: endpoint = '', AWS_REGION: region = '' } = emulators.env;
  const client = new Route53Client({ endpoint, region, credentials: emulators.credentials });
  expect((await listAll(client, zone)).records).toHaveLength(3);
  await emulators.call('faults', 'on', { nth: 1 }, { refuse: { status: 403 } });
  await expect(client.send(new ListHostedZonesCommand())).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  const calls = await emulators.call('faults', 'calls');
  expect(calls.map(({ operation }) => operation)).toEqual([
    'ListResourceRecordSets',
    'ListHostedZones',
  ]);

  const config = new KubeConfig();
  config.loadFromString(emulators.kubernetes.kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  expect((await api.listNamespace()).items.map(({ metadata }) => metadata?.name)).toEqual([
    'default',
  ]);
  await expect(emulators.call('route53', 'records', 'Z0NOSUCHZONE')).rejects.toThrow(
    'the emulator has no zone Z0NOSUCHZONE',
  );
  await emulators.close();
  expect(emulators.process.exitCode).toBe(0);
});
