import { EKSClient, ListClustersCommand } from '@aws-sdk/client-eks';
import { Route53Client } from '@aws-sdk/client-route-53';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulators, startEmulators } from './emulators.ts';
import type { Fault } from './faults.ts';
import { patcher, statusOf } from './objects-contract.ts';
import { cname, listAll, manyCnames } from './record-sets.ts';

let emulators: Emulators;
let route53: Route53Client;
let sts: STSClient;
let eks: EKSClient;
let api: CoreV1Api;
let zone: string;

beforeAll(async () => {
  emulators = await startEmulators();
  const { aws, kubernetes, credentials } = emulators;
  const options = { endpoint: aws.url, region: 'eu-west-1', credentials, maxAttempts: 1 };
  route53 = new Route53Client(options);
  sts = new STSClient(options);
  eks = new EKSClient(options);
  const config = new KubeConfig();
  config.loadFromString(kubernetes.kubeconfig());
  api = config.makeApiClient(CoreV1Api);
  zone = aws.route53.createZone({ name: 'x.internal' });
  aws.route53.upsert(zone, manyCnames(3, 'x.internal'));
});
afterAll(() => emulators.close());

beforeEach(() => {
  emulators.faults.clear();
  emulators.kubernetes.put({
    kind: 'ConfigMap',
    metadata: { namespace: 'monitoring', name: 'c' },
    data: { a: '1' },
  });
});

const data = () => emulators.kubernetes.get('ConfigMap', 'monitoring', 'c')?.data;
const patch = () => patcher(api, 'monitoring')('c', { data: { a: '2' } });
const read = () => api.readNamespacedConfigMap({ namespace: 'monitoring', name: 'c' });

describe('a refusal has the shape of the service that gives it', () => {
  test.for([
    [400, 'Throttling'],
    [403, 'AccessDenied'],
    [500, 'InternalFailure'],
    [503, 'ServiceUnavailable'],
  ] as const)('Route 53 and STS: %i is %s', async ([status, name]) => {
    emulators.faults.queue({ refuse: { status } }, { refuse: { status } });
    const refused = { name, $metadata: { httpStatusCode: status } };
    await expect(listAll(route53, zone)).rejects.toMatchObject(refused);
    await expect(sts.send(new GetCallerIdentityCommand())).rejects.toMatchObject(refused);
  });

  test('EKS: 400 is ThrottlingException', async () => {
    emulators.faults.queue({ refuse: { status: 400 } });
    await expect(eks.send(new ListClustersCommand())).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
    });
  });

  test('Kubernetes: 429 says when to come back', async () => {
    emulators.faults.queue({ refuse: { status: 429, headers: { 'retry-after': '3' } } });
    expect(await statusOf(patch())).toMatchObject({ code: 429, reason: 'TooManyRequests' });
    expect(data()).toEqual({ a: '1' });
  });

  test('code and message can be anything', async () => {
    emulators.faults.queue({
      refuse: { status: 400, code: 'ThrottledException', message: 'slow down <&>' },
    });
    await expect(listAll(route53, zone)).rejects.toMatchObject({
      name: 'ThrottledException',
      message: 'slow down <&>',
    });
  });
});

describe('a broken connection', () => {
  test.for(['reset-before', 'reset-after', 'truncate'] as const)(
    '%s: neither client gets an answer',
    async (fault) => {
      emulators.faults.queue(fault, fault);
      const asked = listAll(route53, zone);
      await expect(asked).rejects.toMatchObject({ code: 'ECONNRESET' });
      await expect(patch()).rejects.toThrow();
      expect(data()).toEqual({ a: fault === 'reset-before' ? '1' : '2' });
    },
  );

  test('hang: no answer until the client gives up', async () => {
    emulators.faults.queue('hang');
    const { aws, credentials } = emulators;
    const hasty = new Route53Client({
      endpoint: aws.url,
      region: 'eu-west-1',
      credentials,
      maxAttempts: 1,
      requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true },
    });
    await expect(listAll(hasty, zone)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('a delayed request still takes effect', async () => {
    emulators.faults.queue({ delayMs: 60 });
    const before = performance.now();
    await patch();
    expect(performance.now() - before).toBeGreaterThan(55);
    expect(data()).toEqual({ a: '2' });
  });

  test('connections and handshakes are counted', async () => {
    const { aws, kubernetes } = emulators;
    emulators.faults.queue('reset-before', 'none', 'reset-before', 'none');
    const before = [aws.connections(), kubernetes.connections(), kubernetes.handshakes()];
    await expect(listAll(route53, zone)).rejects.toThrow();
    await listAll(route53, zone);
    await expect(read()).rejects.toThrow();
    await read();
    const after = [aws.connections(), kubernetes.connections(), kubernetes.handshakes()];
    expect(after.every((count, at) => count > (before[at] ?? 0))).toBe(true);
  });
});

describe('an answer from something else', () => {
  test.for<Fault>(['html', 'garbage'])('%s is a 200 that cannot be read', async (fault) => {
    emulators.faults.queue(fault, fault);
    const listed = await listAll(route53, zone).catch((error: Error) => error);
    expect(listed).not.toHaveProperty('records.0');
    await expect(read())
      .resolves.not.toHaveProperty('metadata.name')
      .catch(() => undefined);
    expect(emulators.faults.calls.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('stale: what the same URL answered the last time', async () => {
    const before = await listAll(route53, zone);
    const version = (await read()).metadata?.resourceVersion;
    emulators.aws.route53.upsert(zone, [cname('new.x.internal')]);
    await patch();
    emulators.faults.on(
      { operation: /^(ListResourceRecordSets|get configmaps)$/, times: 2 },
      'stale',
    );
    expect(await listAll(route53, zone)).toEqual(before);
    expect((await read()).metadata?.resourceVersion).toBe(version);
    expect((await listAll(route53, zone)).records).toHaveLength(6);
  });

  test('a whole answer, and a changed one', async () => {
    emulators.faults.queue(
      { status: 418, headers: { 'content-type': 'text/plain' }, body: 'teapot' },
      { change: (answer) => ({ ...answer, body: String(answer.body).replace('p00001', 'q') }) },
    );
    await expect(listAll(route53, zone)).rejects.toMatchObject({
      $metadata: { httpStatusCode: 418 },
    });
    const { records } = await listAll(route53, zone);
    expect(records.map(({ Name }) => Name)).toContain('q.x.internal.');
  });
});

describe('which request meets a fault', () => {
  const names = () =>
    emulators.faults.calls.map(({ n, operation, fault }) => [n, operation, fault]);

  test('the nth that matches, as often as wanted', async () => {
    emulators.faults.on(
      { service: 'route53', path: /maxitems=2/, nth: 2, times: 2 },
      { refuse: { status: 500 } },
    );
    await listAll(route53, zone);
    await expect(listAll(route53, zone, { MaxItems: 2 })).rejects.toThrow();
    await expect(listAll(route53, zone, { MaxItems: 2 })).rejects.toThrow();
    await listAll(route53, zone, { MaxItems: 2 });
    expect(names().filter(([, , fault]) => fault !== undefined)).toHaveLength(2);
  });

  test('what a function decides', async () => {
    emulators.faults.decide = ({ service }) =>
      service === 'sts' ? { refuse: { status: 403 } } : undefined;
    await listAll(route53, zone);
    await expect(sts.send(new GetCallerIdentityCommand())).rejects.toThrow();
  });

  test('the log knows every one, with who signed it', async () => {
    emulators.faults.queue('none', { refuse: { status: 403 } });
    await read();
    await sts.send(new GetCallerIdentityCommand()).catch(() => undefined);
    expect(names()).toEqual([
      [1, 'get configmaps', undefined],
      [2, 'GetCallerIdentity', { refuse: { status: 403 } }],
    ]);
    expect(emulators.faults.calls[1]).toMatchObject({
      service: 'sts',
      status: 403,
      accessKeyId: emulators.credentials.accessKeyId,
    });
  });
});
