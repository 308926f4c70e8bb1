import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DescribeClusterCommand, EKSClient, ListClustersCommand } from '@aws-sdk/client-eks';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/types';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Aws } from '../../../src/aws/clients.ts';
import { EksClient } from '../../../src/aws/eks-client.ts';
import { awsFault } from '../../../src/aws/fault.ts';
import type { Attempted } from '../../../src/run.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { quickRetries } from '../../system/faults/quick-retries.ts';

/*
 * Our client and @aws-sdk/client-eks, side by side: the same requests to the same endpoints, and the same reading of
 * every answer.
 */

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const credentials = { accessKeyId: 'AKIA1', secretAccessKey: 'secret', sessionToken: 'session' };
const { signal } = new AbortController();

/** Calls `answers` in turn, the last one from then on. */
function wire(answers: readonly (Answer | Error)[]) {
  const requests: HttpRequest[] = [];
  const handle = async (request: HttpRequest) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push({ ...request, headers: { ...request.headers } });
    if (answer instanceof Error) throw answer;
    const { status: statusCode = 200, headers = {}, body = '' } = answer ?? {};
    return { response: new HttpResponse({ statusCode, headers, body: Readable.from([body]) }) };
  };
  return { requests, requestHandler: { handle } as never };
}

const ways = {
  async ours(config: object, name: string) {
    return new EksClient(config).describeCluster(name, signal);
  },
  async sdk(config: object, name: string) {
    const command = new DescribeClusterCommand({ name });
    return (await new EKSClient(config).send(command, { abortSignal: signal })).cluster;
  },
};

/** The requests of one of the two, and what it returns or throws after these answers. */
async function call(
  way: keyof typeof ways,
  { config = {}, name = 'central' }: { config?: object; name?: string },
  ...answers: (Answer | Error)[]
) {
  const { requests, requestHandler } = wire(answers);
  const common = { region: 'eu-west-1', credentials, retryStrategy: quickRetries(3) };
  const outcome = await ways[way]({ ...common, requestHandler, ...config }, name).catch(
    (error: unknown) => error as Error,
  );
  return { requests, outcome };
}

/** Of a request, all but what is random, a time, or the version of a package. */
const essence = ({ method, protocol, hostname, port, path, query, headers, body }: HttpRequest) => {
  const { authorization = '', host } = headers;
  const [scope, signedHeaders] = /Credential=AKIA1\/\d{8}(\S+), SignedHeaders=(\S+),/
    .exec(authorization)
    ?.slice(1) ?? [authorization];
  const sent = Object.keys(headers).sort();
  return { method, protocol, hostname, port, path, query, host, body, scope, signedHeaders, sent };
};

const found = { body: '{"cluster": {"name": "central"}}' };
async function expectSameRequests(options: Parameters<typeof call>[1]): Promise<void> {
  const [ours, sdk] = [await call('ours', options, found), await call('sdk', options, found)];
  expect(ours.requests.map(essence)).toEqual(sdk.requests.map(essence));
  if (sdk.outcome instanceof Error) expect(ours.outcome).toEqual(sdk.outcome);
  else expect(sdk.requests).toHaveLength(1);
}

let folder: string;
beforeAll(() => {
  folder = temporaryFolder('eks-client');
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  removeFolder(folder);
});

describe('the request is the one that the SDK sends', () => {
  const regions = [
    ...['eu-west-1', 'us-east-1', 'us-east-2', 'ap-southeast-5', 'il-central-1', 'mx-central-1'],
    ...['cn-north-1', 'cn-northwest-1', 'us-gov-west-1', 'us-gov-east-1', 'eusc-de-east-1'],
    ...['us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1', 'zz-none-1'],
  ];
  const variants = [false, true].flatMap((useFipsEndpoint) =>
    [false, true].map((useDualstackEndpoint) => ({ useFipsEndpoint, useDualstackEndpoint })),
  );

  test.each(regions)('in %s, with FIPS and dual-stack endpoints or without', async (region) => {
    for (const variant of variants) await expectSameRequests({ config: { region, ...variant } });
  });

  test('for a name with characters of its own in a path', async () => {
    for (const name of ['a b', 'a/b', 'ä', "a'(b)*!", '..']) await expectSameRequests({ name });
  });

  test('to an endpoint of the configuration', async () => {
    for (const endpoint of ['http://127.0.0.1:4566', 'https://eks.example:8443/base']) {
      await expectSameRequests({ config: { endpoint } });
      await expectSameRequests({ config: { endpoint, useFipsEndpoint: true } });
      await expectSameRequests({ config: { endpoint, useDualstackEndpoint: true } });
    }
  });

  describe('in an environment with', () => {
    afterEach(() => {
      vi.unstubAllEnvs();
      vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'));
    });

    const file = (name: string, text: string): Record<string, string> => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return { AWS_CONFIG_FILE: path };
    };
    const cases: [string, string, () => Record<string, string>][] = [
      ['AWS_ENDPOINT_URL', 'any.example', () => ({ AWS_ENDPOINT_URL: 'http://any.example' })],
      [
        'AWS_ENDPOINT_URL_EKS',
        'own.example',
        () => ({
          AWS_ENDPOINT_URL: 'http://any.example',
          AWS_ENDPOINT_URL_EKS: 'http://own.example',
          AWS_ENDPOINT_URL_STS: 'http://sts.example',
        }),
      ],
      [
        'endpoint_url in a profile',
        'profile.example',
        () => file('profile', '[default]\nendpoint_url = http://profile.example\n'),
      ],
      [
        'endpoint_url of the service in a profile',
        'service.example',
        () =>
          file(
            'service',
            '[default]\nservices = s\n[services s]\neks =\n  endpoint_url = http://service.example\n',
          ),
      ],
      [
        'AWS_USE_FIPS_ENDPOINT',
        'fips.eks.us-east-2.amazonaws.com',
        () => ({ AWS_USE_FIPS_ENDPOINT: 'true' }),
      ],
      [
        'AWS_USE_DUALSTACK_ENDPOINT',
        'eks.us-east-2.api.aws',
        () => ({ AWS_USE_DUALSTACK_ENDPOINT: 'true' }),
      ],
      [
        'use_fips_endpoint in a profile',
        'fips.eks.us-east-2.amazonaws.com',
        () => file('fips', '[default]\nuse_fips_endpoint = true\n'),
      ],
      [
        'the Region of a profile',
        'eks.sa-east-1.amazonaws.com',
        () => file('region', '[default]\nregion = sa-east-1\n'),
      ],
    ];
    test.each(cases)('%s', async (what, hostname, env) => {
      for (const [name, value] of Object.entries(env())) vi.stubEnv(name, value);
      const region = what === 'the Region of a profile' ? undefined : 'us-east-2';
      vi.stubEnv('AWS_REGION', undefined);
      await expectSameRequests({ config: { region } });
      const { requests } = await call('ours', { config: { region } }, found);
      expect(requests[0]).toMatchObject({ hostname, path: '/clusters/central' });
    });
  });
});

const type = (value: string) => ({ 'x-amzn-errortype': value });
const broken = (code: string) => Object.assign(new Error('socket hang up'), { code });

describe('an answer that is an error is read as the SDK reads it, and sent again as often', () => {
  test.each<[string, Answer | Error]>([
    ['missing', { status: 404, headers: type('ResourceNotFoundException'), body: '{}' }],
    [
      'forbidden',
      { status: 403, headers: type('AccessDeniedException'), body: '{"message":"User: x"}' },
    ],
    ['forbidden, by __type', { status: 403, body: '{"__type":"com.a#AccessDeniedException"}' }],
    ['forbidden, by code', { status: 403, body: '{"code":"AccessDeniedException"}' }],
    ['a type with a URI', { status: 404, headers: type('ResourceNotFoundException:http://i/') }],
    ['two types', { status: 404, headers: type('ResourceNotFoundException,Other'), body: '{}' }],
    ['throttled', { status: 400, headers: type('ThrottlingException'), body: '{}' }],
    ['429 without a name', { status: 429, body: '{}' }],
    ['an unknown key', { status: 403, headers: type('UnrecognizedClientException'), body: '{}' }],
    ['a wrong secret', { status: 403, headers: type('InvalidSignatureException'), body: '{}' }],
    ['expired', { status: 403, headers: type('ExpiredTokenException'), body: '{}' }],
    ['a fault of EKS', { status: 500, headers: type('ServerException'), body: '{"message":"m"}' }],
    ['unavailable', { status: 503, headers: type('ServiceUnavailableException'), body: '{}' }],
    ['an unusual status', { status: 507, body: '{}' }],
    ["a gateway's page", { status: 502, body: '<html>bad gateway</html>' }],
    ["a firewall's page", { status: 403, body: '<html>forbidden</html>' }],
    ['a redirect', { status: 302, headers: { location: 'https://other.example/' } }],
    ['a page in place of an answer', { body: '<html>Sign in to the hotel</html>' }],
    ['half an answer', { body: '{"cluster": {"name": "cent' }],
    ['a reset connection', broken('ECONNRESET')],
    ['a name that cannot be resolved', broken('ENOTFOUND')],
    ['a timeout', Object.assign(new Error('late'), { name: 'TimeoutError' })],
    ['a certificate', broken('SELF_SIGNED_CERT_IN_CHAIN')],
  ])('%s', async (_, answer) => {
    const codes = { missing: 'cluster-missing', forbidden: 'cluster-forbidden' } as const;
    const [ours, sdk] = await Promise.all(
      (['ours', 'sdk'] as const).map(async (way) => {
        const { requests, outcome } = await call(way, {}, answer);
        expect(outcome).toBeInstanceOf(Error);
        const { code } = awsFault(outcome, { to: 'describe', ...codes });
        return { code, sent: requests.length };
      }),
    );
    expect(ours).toEqual(sdk);
  });

  test.each(['message', 'Message'])('with AWS’s own name and words (%s)', async (key) => {
    const headers = type('AccessDeniedException');
    const body = JSON.stringify({ [key]: 'no' });
    const { outcome } = await call('ours', {}, { status: 403, headers, body });
    expect(outcome).toMatchObject({
      name: 'AccessDeniedException',
      message: 'no',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('and every attempt is traced', async () => {
    const traced: Partial<Attempted>[] = [];
    const trace = ({ ms, ...attempted }: Attempted) => traced.push({ ...attempted });
    const aws = new Aws({ credentials: async () => credentials, maxAttempts: 2, trace });
    vi.stubEnv('AWS_ENDPOINT_URL_EKS', 'http://127.0.0.1:1');
    const describing = aws.eks({ region: 'eu-west-1' });
    await expect(describing.describeCluster('central', signal)).rejects.toThrow();
    vi.stubEnv('AWS_ENDPOINT_URL_EKS', undefined);
    const attempt = { what: 'EKS DescribeCluster', attempts: 2, why: 'Error' };
    expect(traced).toEqual([
      { ...attempt, attempt: 1 },
      { ...attempt, attempt: 2 },
    ]);
  });

  test('with the time of AWS, where our clock is wrong', async () => {
    const date = new Date(Date.now() + 3_600_000);
    const headers = { ...type('InvalidSignatureException'), date: date.toUTCString() };
    const late = { status: 403, headers, body: '{"message":"Signature not yet current"}' };
    for (const way of ['sdk', 'ours'] as const) {
      const { requests, outcome } = await call(way, {}, late, found);
      expect(outcome).not.toBeInstanceOf(Error);
      const [first, second] = requests.map(({ headers: sent }) => sent['x-amz-date'] ?? '');
      const hour = (text = '') =>
        Date.parse(text.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'));
      expect(hour(second) - hour(first)).toBeGreaterThan(3_500_000);
    }
  });
});

describe('the cluster of an answer', () => {
  const described = async (body: string) => (await call('ours', {}, { body })).outcome;

  test('is what we use of it', async () => {
    const used = {
      ...{ status: 'ACTIVE', version: '1.34', endpoint: 'https://e.example' },
      certificateAuthority: { data: 'UEVN' },
      resourcesVpcConfig: { endpointPublicAccess: false },
    };
    const cluster = { ...used, name: 'central', createdAt: 1.5, tags: { a: 'b' } };
    expect(await described(JSON.stringify({ cluster }))).toEqual(used);
  });

  test.each(['', '{}', '[]', 'null', '5', '{"cluster": null}', '{"cluster": "central"}'])(
    'is missing in %s',
    async (body) => expect(await described(body)).toBeUndefined(),
  );

  test('has no values of another type than EKS sends', async () => {
    const cluster = { status: 1, version: {}, endpoint: [], certificateAuthority: { data: 5 } };
    const more = { resourcesVpcConfig: { endpointPublicAccess: 'no' } };
    expect(await described(JSON.stringify({ cluster: { ...cluster, ...more } }))).toEqual({});
  });
});

describe('the names of clusters', () => {
  const page = { body: '{"clusters": ["a", "b"], "nextToken": "t/=+ &"}' };

  test.each<[string, { connected: boolean; nextToken?: string }]>([
    ['of EKS', { connected: false }],
    ['with those that are connected', { connected: true }],
    ['of the next page', { connected: true, nextToken: 't/=+ &' }],
  ])('%s are requested as the SDK does, and read', async (_, what) => {
    const config = { region: 'eu-west-1', credentials };
    const [ours, sdk] = [wire([page]), wire([page])];
    const answer = await new EksClient({
      ...config,
      requestHandler: ours.requestHandler,
    }).listClusters(what, signal);
    const { nextToken, connected } = what;
    const input = { ...(connected && { include: ['all'] }), ...(nextToken && { nextToken }) };
    const client = new EKSClient({ ...config, requestHandler: sdk.requestHandler });
    const { clusters, nextToken: next } = await client.send(new ListClustersCommand(input));
    expect(ours.requests.map(essence)).toEqual(sdk.requests.map(essence));
    expect(answer).toEqual({ clusters, nextToken: next });
  });

  const listed = async (body: string) => {
    const { requestHandler } = wire([{ body }]);
    const client = new EksClient({ region: 'eu-west-1', credentials, requestHandler });
    return client.listClusters({ connected: false }, signal);
  };

  test.each(['{"clusters": []}', '{"clusters": [], "nextToken": null}'])(
    'end without a token: %s',
    async (body) => expect(await listed(body)).toEqual({ clusters: [] }),
  );

  test.each([
    '',
    '{}',
    '[]',
    'null',
    '{"clusters": null}',
    '{"clusters": "a"}',
    '{"clusters": [1]}',
  ])('are missing in %s', async (body) => expect(await listed(body)).toBeUndefined());
});
