import { type BinaryLike, createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from './available.ts';
import type { TokenRules } from './eks-token.ts';
import { type EksTokenWebhook, startEksTokenWebhook } from './eks-token-webhook.ts';
import { findAws } from './found.ts';
import { type KubeApiserver, startKubeApiserver } from './kube-apiserver.ts';

const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret', sessionToken: 'session' };

function rules(): TokenRules {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const known = { secretAccessKey, sessionToken, username: 'sync', groups: ['federation-sync'] };
  return { clusterName: 'central', credentials: { [accessKeyId]: known } };
}

function sha256(secret?: unknown) {
  const hash = secret ? createHmac('sha256', secret as BinaryLike) : createHash('sha256');
  return {
    update: (data: unknown) => void hash.update(data as BinaryLike),
    digest: async () => hash.digest(),
    reset: () => {},
  };
}

interface Request {
  headers?: Record<string, string>;
  hostname?: string;
  path?: string;
  query?: Record<string, string>;
  signingDate?: Date;
  expiresIn?: number;
  secretAccessKey?: string;
}

/** An EKS token signed by AWS's own signer, right unless told otherwise. */
async function token(request: Request = {}): Promise<string> {
  const { hostname = 'sts.eu-west-1.amazonaws.com', path = '/' } = request;
  const { secretAccessKey = credentials.secretAccessKey } = request;
  const signer = new SignatureV4({
    service: 'sts',
    region: 'eu-west-1',
    credentials: { ...credentials, secretAccessKey },
    // The signer calls `new` on it; a plain function may return its own object.
    sha256: sha256 as never,
  });
  const { query } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path,
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15', ...request.query },
      headers: { host: hostname, ...(request.headers ?? { 'x-k8s-aws-id': 'central' }) },
    },
    { signingDate: request.signingDate ?? new Date(), expiresIn: request.expiresIn ?? 60 },
  );
  const url = `https://${hostname}${path}?${new URLSearchParams(query as Record<string, string>)}`;
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

describeWith(['kube-apiserver', 'kubectl'], 'takes EKS tokens as EKS does', () => {
  let webhook: EksTokenWebhook;
  let kube: KubeApiserver;
  beforeAll(async () => {
    webhook = await startEksTokenWebhook(rules());
    kube = await startKubeApiserver({ tokenWebhook: webhook });
  });
  afterAll(async () => {
    await kube?.stop();
    await webhook?.stop();
  });

  const whoami = async (bearer: string) => {
    const answer = await kube.kubectl(['auth', 'whoami', '-o', 'json'], {
      user: { token: bearer },
    });
    return (JSON.parse(answer) as { status: { userInfo: object } }).status.userInfo;
  };

  test('knows its administrator, and has a first namespace', async () => {
    expect(await kube.kubectl(['get', 'namespaces', '-o', 'name'])).toContain('namespace/default');
    const namespace = await kube.namespace();
    await kube.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'prometheus-server', namespace },
      data: { 'prometheus.yml': 'scrape_configs: []\n' },
    });
    const path = 'jsonpath={.data.prometheus\\.yml}';
    const get = ['get', 'configmap', 'prometheus-server', '-n', namespace, '-o', path];
    expect(await kube.kubectl(get)).toBe('scrape_configs: []\n');
  });

  test('knows a client by its certificate, and lets it do what RBAC grants only', async () => {
    const jane = kube.clientCertificate('jane', ['readers']);
    await expect(kube.kubectl(['get', 'configmaps'], { user: jane })).rejects.toThrow(/Forbidden/);
    await kube.kubectl(['create', 'role', 'read', '--verb=list', '--resource=configmaps']);
    await kube.kubectl(['create', 'rolebinding', 'read', '--role=read', '--group=readers']);
    expect(await kube.kubectl(['get', 'configmaps', '-o', 'name'], { user: jane })).toBe('');
    await expect(kube.kubectl(['get', 'secrets'], { user: jane })).rejects.toThrow(/Forbidden/);
  });

  test('accepts a token that the SDK’s signer signed', async () => {
    expect(await whoami(await token())).toMatchObject({
      username: 'sync',
      groups: ['federation-sync', 'system:authenticated'],
    });
    expect(await whoami(await token({ signingDate: minutesAgo(14) }))).toBeTruthy();
  });

  const refused: [what: string, request: Request, error: string][] = [
    ['the cluster’s header unsigned', { headers: {} }, 'did not sign the x-k8s-aws-id header'],
    ['another cluster’s name', { headers: { 'x-k8s-aws-id': 'other' } }, 'SignatureDoesNotMatch'],
    ['a signature of 16 minutes ago', { signingDate: minutesAgo(16) }, 'expired'],
    ['another host', { hostname: 'sts.example.com' }, 'unexpected hostname "sts.example.com"'],
    ['a proxy’s host', { hostname: '127.0.0.1:4566' }, 'unexpected hostname'],
    ['a path', { path: '/sts' }, 'unexpected path "/sts"'],
    ['one more parameter', { query: { Extra: '1' } }, 'non-whitelisted query parameter "Extra"'],
    ['another action', { query: { Action: 'GetSessionToken' } }, 'unexpected action'],
    ['a life of an hour', { expiresIn: 3600 }, 'invalid X-Amz-Expires'],
    ['another secret', { secretAccessKey: 'guessed' }, 'SignatureDoesNotMatch'],
    ['another Region’s host', { hostname: 'sts.us-east-1.amazonaws.com' }, 'scoped to'],
  ];
  test.each(refused)('refuses a token with %s', async (_, request, error) => {
    await expect(whoami(await token(request))).rejects.toThrow(/Unauthorized/);
    expect(webhook.verdicts.at(-1)?.error).toContain(error);
  });

  test('refuses what is no token of EKS', async () => {
    for (const [bearer, error] of [
      ['k8s-aws-v2.abc', 'missing expected "k8s-aws-v1." prefix'],
      [`${await token()}==`, 'unpadded base64url'],
      [`k8s-aws-v1.${'a'.repeat(5_000)}`, 'too large'],
    ] as const) {
      await expect(whoami(bearer)).rejects.toThrow(/Unauthorized/);
      expect(webhook.verdicts.at(-1)?.error).toContain(error);
    }
  });

  describeWith('aws', 'has a second signer', () => {
    test('`aws eks get-token`, whose token is accepted too', async () => {
      const exec = {
        command: findAws()!,
        args: ['eks', 'get-token', '--cluster-name', 'central', '--region', 'eu-west-1'],
        env: {
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_SESSION_TOKEN: credentials.sessionToken,
        },
      };
      const answer = await kube.kubectl(['auth', 'whoami'], { user: { exec } });
      expect(answer).toMatch(/Username +sync/);
    });
  });
});
