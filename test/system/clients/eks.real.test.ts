import { CreateClusterCommand, DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EksClient } from '../../../src/aws/eks-client.ts';
import { asFault } from '../../../src/fault.ts';
import type { EksCluster } from '../../../src/job.ts';
import { EksAccess } from '../../../src/objects/cluster/eks.ts';
import { KubernetesClient } from '../../../src/objects/kubernetes/client.ts';
import { describeWith } from '../../support/parts/available.ts';
import { createAuthority } from '../../support/parts/certificates.ts';
import type { KnownCredentials } from '../../support/parts/eks-token.ts';
import {
  type EksTokenWebhook,
  startEksTokenWebhook,
} from '../../support/parts/eks-token-webhook.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';

/* Our way into EKS, tried on an API server that asks about each token, and on moto's DescribeCluster. */

const run = { signal: new AbortController().signal };
const region = 'eu-west-1';
const identity = { username: 'federation-sync', groups: ['syncers'] };
const first = { accessKeyId: 'ASIA1', secretAccessKey: 'secret', sessionToken: 'session' };
const second = { accessKeyId: 'ASIA2', secretAccessKey: 'another', sessionToken: 'later' };
const known = ({ secretAccessKey, sessionToken }: typeof first): KnownCredentials => ({
  secretAccessKey,
  sessionToken,
  ...identity,
});

describeWith('kube-apiserver', 'signing in to EKS where every token is looked at', () => {
  let webhook: EksTokenWebhook;
  let kube: KubeApiserver;
  let credentials: typeof first & { expiration?: Date };
  // Not the same in any two tests: the API server remembers the tokens that it took for ten seconds.
  let now = new Date();

  beforeAll(async () => {
    webhook = await startEksTokenWebhook({ clusterName: 'central', credentials: {} });
    kube = await startKubeApiserver({ tokenWebhook: webhook });
  });
  afterAll(async () => {
    await kube?.stop();
    await webhook?.stop();
  });
  beforeEach(() => {
    credentials = first;
    now = new Date(now.getTime() + 86_400_000);
    Object.assign(webhook.rules, { credentials: { ASIA1: known(first) }, now: () => now });
    webhook.verdicts.length = 0;
  });

  /** As after a start of the Lambda: with no token, and AWS's endpoint set to something else. */
  function signIn(authority = kube.certificateAuthority): () => Promise<unknown> {
    const certificateAuthority = Buffer.from(authority).toString('base64');
    const cluster: EksCluster = { name: 'central', endpoint: kube.url, certificateAuthority };
    const endpoint = 'http://127.0.0.1:1';
    const eks = new EksClient({ region, endpoint, credentials: async () => credentials });
    const client = new KubernetesClient(new EksAccess(cluster, eks, () => now));
    const kind = 'SelfSubjectReview';
    const apiVersion = 'authentication.k8s.io/v1';
    const path = `/apis/${apiVersion}/selfsubjectreviews`;
    return async () => {
      const review = await client.request('POST', path, run, { apiVersion, kind });
      return (review as { status: { userInfo: object } }).status.userInfo;
    };
  }
  const errors = () => webhook.verdicts.map(({ error }) => error);

  test('its token is taken, and names the Region’s own STS', async () => {
    const whoami = signIn();
    const { username, groups } = identity;
    const userInfo = { username, groups: expect.arrayContaining(groups) };
    expect(await whoami()).toMatchObject(userInfo);
    expect(webhook.verdicts).toMatchObject([
      { host: 'sts.eu-west-1.amazonaws.com', accessKeyId: 'ASIA1' },
    ]);
  });

  test('no token is ever too old, however long the process lives', async () => {
    const whoami = signIn();
    const start = now.getTime();
    for (const minutes of [0, 13, 15, 29, 60]) {
      now = new Date(start + minutes * 60_000);
      await whoami();
    }
    // The second was the first one again.
    expect(errors()).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('a token that is refused is signed once more, with the credentials of then', async () => {
    Object.assign(webhook.rules, { credentials: { ASIA2: known(second) } });
    // The SDK asks again for what is about to expire, as a role's session does.
    const expiration = new Date(Date.now() + 60_000);
    credentials = { ...first, expiration };
    const whoami = signIn();
    webhook.rules.now = () => {
      credentials = { ...second, expiration };
      return now;
    };
    expect(await whoami()).toMatchObject({ username: identity.username });
    expect(webhook.verdicts).toMatchObject([
      { accessKeyId: 'ASIA1', error: expect.stringContaining('InvalidClientTokenId') },
      { accessKeyId: 'ASIA2', identity },
    ]);
  });

  test('there is no third attempt', async () => {
    Object.assign(webhook.rules, { clusterName: 'other' });
    const fault = asFault(await signIn()().catch((error) => error));
    Object.assign(webhook.rules, { clusterName: 'central' });
    expect(fault).toMatchObject({ code: 'kubernetes-unauthorized', retryable: false });
    expect(errors()).toHaveLength(2);
  });

  test('a server of another authority never sees a token', async () => {
    const folder = temporaryFolder('authority');
    const { certificate } = createAuthority(folder);
    removeFolder(folder);
    const fault = asFault(await signIn(certificate)().catch((error) => error));
    expect(fault).toMatchObject({ code: 'kubernetes-unreachable' });
    expect(webhook.verdicts).toEqual([]);
  });
});

describeWith('moto', 'signing in to EKS where DescribeCluster says the way', () => {
  let moto: Moto;
  /** Another client than ours, to compare with. */
  let sdk: EKSClient;
  let eks: EksClient;
  beforeAll(async () => {
    moto = await startMoto();
    const options = { region, endpoint: moto.endpoint, credentials: first };
    sdk = new EKSClient(options);
    eks = new EksClient(options);
    const resourcesVpcConfig = { subnetIds: ['subnet-0a1b2c3d'] };
    const roleArn = 'arn:aws:iam::123456789012:role/central';
    await sdk.send(new CreateClusterCommand({ name: 'central', roleArn, resourcesVpcConfig }));
  });
  afterAll(() => moto?.stop());

  test('endpoint and certificate authority are moto’s', async () => {
    const { cluster } = await sdk.send(new DescribeClusterCommand({ name: 'central' }));
    const { server, options } = await new EksAccess({ name: 'central' }, eks).signIn(run);
    expect(server).toBe(cluster?.endpoint);
    expect(options.ca).toEqual(Buffer.from(cluster?.certificateAuthority?.data ?? '', 'base64'));
  });

  test('a cluster that is not there is said to be missing', async () => {
    const signIn = new EksAccess({ name: 'other' }, eks).signIn(run);
    await expect(signIn).rejects.toMatchObject({ code: 'cluster-missing', retryable: false });
  });
});
