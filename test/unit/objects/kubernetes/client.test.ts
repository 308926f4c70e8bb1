import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../../src/fault.ts';
import type { ClusterAccess } from '../../../../src/objects/cluster/access.ts';
import { signInBy } from '../../../../src/objects/cluster/kubeconfig.ts';
import type { Call } from '../../../../src/objects/kubernetes/call.ts';
import {
  KubernetesClient,
  type KubernetesOptions,
} from '../../../../src/objects/kubernetes/client.ts';
import type { Run } from '../../../../src/run.ts';
import type { Fault as WireFault } from '../../../support/emulators/faults.ts';
import {
  type Part,
  type Server,
  serve,
  type WireResponse,
} from '../../../support/emulators/wire/server.ts';
import { quick, run } from '../contract.ts';

const path = '/api/v1/namespaces/monitoring/configmaps/central';
const get: Call = { method: 'GET', path, to: 'get it', safeToRepeat: true };
const patch: Call = {
  method: 'PATCH',
  path,
  body: { data: { key: 'secret-content' } },
  contentType: 'application/merge-patch+json',
  to: 'patch it',
  safeToRepeat: false,
};

const json = (
  status: number,
  body: object,
  headers: Record<string, string> = {},
): WireResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
/** metav1.Status; every message holds what may never be seen. */
const status = (code: number, reason: string, message = '', more: object = {}) =>
  json(code, { kind: 'Status', code, reason, message: `${message} secret-content`, ...more });

/** Answers every request with the same object: only the client is under test. */
const part: Part = {
  describe: ({ method }) => ({ service: 'kubernetes', operation: method }),
  answer: ({ method }) => json(200, { kind: 'ConfigMap', did: method }),
  refuse: (_, { status: code, headers }) => {
    const refusal = status(code, 'InternalError');
    return { ...refusal, headers: { ...refusal.headers, ...headers } };
  },
};

let server: Server;
let client: KubernetesClient;
let renewals: number;

const clientTo = (url: string, options: Partial<KubernetesOptions> = {}, user: object = {}) => {
  const config = new KubeConfig();
  // KubeConfig speaks plain HTTP only with insecure-skip-tls-verify.
  const cluster = { name: 'central', server: url, skipTLSVerify: url.startsWith('http:') };
  config.loadFromClusterAndUser(cluster, { name: 'user', token: 'secret-token', ...user });
  const access: ClusterAccess = {
    signIn: (run) => signInBy(config, run),
    renew: () => {
      renewals += 1;
    },
  };
  return new KubernetesClient(access, { ...quick, ...options });
};

beforeAll(async () => {
  server = await serve(part);
});
afterAll(() => server.close());
beforeEach(() => {
  renewals = 0;
  server.faults.clear();
  client = clientTo(server.url);
});
afterEach(() => client.close());

const spoil = (...faults: (WireFault | 'none')[]) => server.faults.queue(...faults);
const always = (fault: WireFault) => {
  server.faults.decide = () => fault;
};
/** A run that times out soon after its first request has come in. */
function endsDuring(fault: WireFault): Run {
  const end = new AbortController();
  server.faults.decide = () => {
    setTimeout(() => end.abort(), 20);
    return fault;
  };
  return end;
}
const sent = () => server.faults.calls.length;
const faultOf = async (work: Promise<unknown>): Promise<Fault> => {
  const fault = await work.then(
    () => undefined,
    (error) => error,
  );
  expect(fault).toBeInstanceOf(Fault);
  expect(everythingOf(fault)).not.toMatch(/secret-(content|token)/);
  return fault;
};
/** What --verbose could print of an error: messages, stacks and fields along its causes. */
function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(JSON.stringify(error));
  const fields = JSON.stringify(Object.fromEntries(Object.entries(error)));
  return `${error.stack} ${error.message} ${fields} ${everythingOf(error.cause)}`;
}

describe('a request', () => {
  test('returns the body', async () => {
    expect(await client.call(get, run)).toEqual({ kind: 'ConfigMap', did: 'GET' });
  });

  test('sends token and content type, and no other credentials', async () => {
    await client.call(patch, run);
    const [{ headers, body } = expect.fail()] = server.faults.calls;
    expect(headers).toMatchObject({
      authorization: 'Bearer secret-token',
      accept: 'application/json',
      'content-type': 'application/merge-patch+json',
      'user-agent': 'route53-federation-sync',
      'content-length': String(body.length),
    });
    expect(JSON.parse(body)).toEqual(patch.body);
  });

  test('keeps the path of an API server behind a proxy', async () => {
    const behind = clientTo(`${server.url}/k8s/clusters/c-1`);
    await behind.call(get, run);
    behind.close();
    expect(server.faults.calls[0]?.path).toBe(`/k8s/clusters/c-1${path}`);
  });

  test('uses the connection of the previous one', async () => {
    const before = server.connections();
    for (const call of [get, patch, get]) await client.call(call, run);
    expect(server.connections()).toBe(before + 1);
  });

  test('signs in with user and password of the kubeconfig', async () => {
    const basic = clientTo(server.url, {}, { token: undefined, username: 'u', password: 'p' });
    await basic.call(get, run);
    basic.close();
    expect(server.faults.calls[0]?.headers.authorization).toBe(`Basic ${btoa('u:p')}`);
  });
});

describe('is sent again', () => {
  test.each<[string, WireFault]>([
    ['429', status(429, 'TooManyRequests')],
    ['500', status(500, 'InternalError')],
    ['503', status(503, 'ServiceUnavailable')],
    [
      '503 of a load balancer',
      { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>' },
    ],
  ])('after %s, whether or not it changes anything', async (_, fault) => {
    for (const call of [get, patch]) {
      server.faults.clear();
      spoil(fault, fault);
      expect(await client.call(call, run)).toMatchObject({ did: call.method });
      expect(sent()).toBe(3);
    }
  });

  test.each<[string, WireFault]>([
    ['502', { status: 502, body: '' }],
    ['504', status(504, 'Timeout')],
    ['a reset connection', 'reset-before'],
    ['half a body', 'truncate'],
    ["a portal's page", 'html'],
    ['garbage', 'garbage'],
    ['JSON that is not an object', { status: 200, body: '"text"' }],
  ])('after %s, where it only reads', async (_, fault) => {
    spoil(fault);
    expect(await client.call(get, run)).toMatchObject({ did: 'GET' });
    expect(sent()).toBe(2);
  });

  test('four times at most', async () => {
    always(status(503, 'ServiceUnavailable'));
    expect(await faultOf(client.call(get, run))).toMatchObject({
      code: 'kubernetes-unavailable',
      retryable: true,
    });
    expect(sent()).toBe(4);
  });

  test('once, with new credentials, after 401', async () => {
    spoil(status(401, 'Unauthorized'));
    expect(await client.call(patch, run)).toMatchObject({ did: 'PATCH' });
    expect([sent(), renewals]).toEqual([2, 1]);
    always(status(401, 'Unauthorized'));
    expect(await faultOf(client.call(get, run))).toMatchObject({ code: 'kubernetes-unauthorized' });
    expect([sent(), renewals]).toEqual([4, 2]);
  });

  test.each([
    ['the header', status(429, 'TooManyRequests', '', {}), { 'retry-after': '1' }],
    ['the body', status(429, 'TooManyRequests', '', { details: { retryAfterSeconds: 1 } }), {}],
  ])('no sooner than %s asks', async (_, answer, headers) => {
    spoil({ ...answer, headers: { ...answer.headers, ...headers } });
    const start = performance.now();
    await client.call(get, run);
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  test('not at all if Retry-After is too long', async () => {
    always({ ...status(429, 'TooManyRequests'), headers: { 'retry-after': '3600' } });
    expect(await faultOf(client.call(get, run))).toMatchObject({
      code: 'kubernetes-unavailable',
      message: expect.stringContaining('3600 s'),
    });
    expect(sent()).toBe(1);
  });

  test('not at all after the timeout', async () => {
    const late = endsDuring({
      ...status(429, 'TooManyRequests'),
      headers: { 'retry-after': '10' },
    });
    expect(await faultOf(client.call(get, late))).toMatchObject({ code: 'deadline' });
    expect(sent()).toBe(1);
  });
});

describe('a change that may have been applied', () => {
  test.each<[string, WireFault]>([
    ['a connection reset before it was read', 'reset-before'],
    ['a connection reset after it was done', 'reset-after'],
    ['half a body', 'truncate'],
    ["a portal's page", 'html'],
    ['garbage', 'garbage'],
    ['no answer', 'hang'],
    ['an answer that comes too late', { delayMs: 300 }],
    ['502', { status: 502, body: '' }],
    ['504', status(504, 'Timeout')],
    ['500 Timeout', status(500, 'Timeout')],
  ])('is write-unknown and not sent again: %s', async (_, fault) => {
    const impatient = clientTo(server.url, { answerTimeout: 100 });
    spoil(fault);
    expect(await faultOf(impatient.call(patch, run))).toMatchObject({
      code: 'write-unknown',
      retryable: true,
    });
    impatient.close();
    expect(sent()).toBe(1);
  });

  test('is write-unknown if the run times out before the answer', async () => {
    const late = endsDuring('hang');
    expect(await faultOf(client.call(patch, late))).toMatchObject({ code: 'write-unknown' });
  });

  test('is write-unknown if the conflict may be with our own write', async () => {
    spoil(status(500, 'InternalError'), status(409, 'Conflict'));
    expect(await faultOf(client.call(patch, run))).toMatchObject({ code: 'write-unknown' });
  });

  test('is a conflict after 429: that attempt was not applied', async () => {
    spoil(status(429, 'TooManyRequests'), status(409, 'Conflict'));
    expect(await faultOf(client.call(patch, run))).toMatchObject({ code: 'conflict' });
  });
});

describe('an answer that a retry cannot change ends the call', () => {
  const rbac =
    'configmaps "central" is forbidden: User "u" cannot patch resource "configmaps" in API group "" in the namespace "monitoring"';
  const webhook = 'admission webhook "deny.example.com" denied the request: because of';
  const policy =
    "configmaps \"central\" is forbidden: ValidatingAdmissionPolicy 'no-sync' with binding 'all' denied request: because of";
  const quota =
    'configmaps "central" is forbidden: exceeded quota: small, requested: count/configmaps=1, used: 1, limited: 1';
  const causes = (...list: object[]) => ({ details: { causes: list } });

  test.each<[string, string, RegExp, WireResponse]>([
    ['RBAC', 'kubernetes-forbidden', /RBAC/, status(403, 'Forbidden', rbac)],
    ['403 in HTML', 'kubernetes-forbidden', /403/, { status: 403, body: '<html>' }],
    [
      'a webhook',
      'kubernetes-refused',
      /webhook deny\.example\.com/,
      status(403, 'Forbidden', webhook),
    ],
    [
      'a webhook, 400',
      'kubernetes-refused',
      /webhook deny\.example\.com/,
      status(400, '', webhook),
    ],
    [
      'a webhook, 409',
      'kubernetes-refused',
      /webhook deny\.example\.com/,
      status(409, 'Conflict', webhook),
    ],
    [
      'a webhook, 500',
      'kubernetes-refused',
      /webhook deny\.example\.com/,
      status(500, '', webhook),
    ],
    ['a policy', 'kubernetes-refused', /policy no-sync/, status(422, 'Invalid', policy)],
    ['a quota', 'kubernetes-refused', /quota small/, status(403, 'Forbidden', quota)],
    ['another plugin', 'kubernetes-refused', /admission/, status(403, 'Forbidden', 'not now')],
    [
      'a deleted namespace',
      'kubernetes-refused',
      /NamespaceTerminating/,
      status(
        403,
        'Forbidden',
        'is being terminated',
        causes({ reason: 'NamespaceTerminating', field: 'metadata.namespace' }),
      ),
    ],
    [
      'no object',
      'object-missing',
      /object does not exist/,
      status(404, 'NotFound', '', { details: { kind: 'configmaps' } }),
    ],
    [
      'no namespace',
      'object-missing',
      /namespace gone does not exist/,
      status(404, 'NotFound', '', { details: { kind: 'namespaces', name: 'gone' } }),
    ],
    [
      '404 of something else',
      'kubernetes-refused',
      /not from Kubernetes/,
      { status: 404, body: 'not found' },
    ],
    [
      'a redirection',
      'kubernetes-refused',
      /not from Kubernetes/,
      { status: 302, headers: { location: 'https://secret-token.example' }, body: '' },
    ],
    ['a conflict', 'conflict', /changed after it was read/, status(409, 'Conflict')],
    ['a name that is taken', 'conflict', /AlreadyExists/, status(409, 'AlreadyExists')],
    [
      '413',
      'object-too-large',
      /larger than the API server accepts/,
      status(413, 'RequestEntityTooLarge'),
    ],
    [
      'a long value',
      'object-too-large',
      /longer than/,
      status(
        422,
        'Invalid',
        '',
        causes({ reason: 'FieldValueTooLong', message: 'secret-content' }),
      ),
    ],
    [
      'etcd’s limit',
      'object-too-large',
      /etcd/,
      status(500, '', 'etcdserver: request is too large'),
    ],
    [
      'an immutable object',
      'object-immutable',
      /immutable/,
      status(
        422,
        'Invalid',
        '',
        causes({
          reason: 'FieldValueForbidden',
          message: 'Forbidden: field is immutable when `immutable` is set',
          field: 'data',
        }),
      ),
    ],
    [
      'an invalid field',
      'kubernetes-refused',
      /metadata\.labels FieldValueInvalid/,
      status(
        422,
        'Invalid',
        '',
        causes({
          reason: 'FieldValueInvalid',
          field: 'metadata.labels',
          message: 'secret-content',
        }),
      ),
    ],
    ['a bad request', 'kubernetes-refused', /400 BadRequest/, status(400, 'BadRequest')],
    ['an old API server', 'kubernetes-refused', /415/, status(415, 'UnsupportedMediaType')],
  ])('%s: %s', async (_, code, message, answer) => {
    always(answer);
    const fault = await faultOf(client.call(patch, run));
    expect(fault).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(fault.message).toMatch(/^could not patch it: [^\n]*$/);
    expect(sent()).toBe(1);
  });

  test('a name from the answer cannot contain control characters', async () => {
    always(status(500, 'Evil\u001b[2J\n'));
    const { message } = await faultOf(client.call(get, run));
    expect(message).toMatch(/^[ -~]*$/);
  });

  test('a webhook that does not answer is named', async () => {
    always(
      status(500, 'InternalError', 'failed calling webhook "slow.example.com": deadline exceeded'),
    );
    expect(await faultOf(client.call(patch, run))).toMatchObject({
      code: 'kubernetes-unavailable',
      message: expect.stringContaining('slow.example.com'),
    });
  });
});

describe('an API server that is not reached', () => {
  const toNowhere = async (url: string, options: Partial<KubernetesOptions> = {}) => {
    const lost = clientTo(url, options);
    const fault = await faultOf(lost.call(patch, run));
    lost.close();
    return fault;
  };

  test('because nothing listens is unreachable, for a change too: it was not sent', async () => {
    const fault = await toNowhere('http://127.0.0.1:1');
    expect(fault).toMatchObject({ code: 'kubernetes-unreachable', retryable: true });
    expect(fault.message).toContain('connection refused by 127.0.0.1:1');
  });

  test('because its name is unknown is unreachable', async () => {
    const fault = await toNowhere('http://no-such-host.invalid');
    expect(fault.code).toBe('kubernetes-unreachable');
    expect(fault.message).toContain('no-such-host.invalid');
  });

  test('because it does not use TLS is unreachable', async () => {
    const fault = await toNowhere(server.url.replace('http:', 'https:'));
    expect(fault.code).toBe('kubernetes-unreachable');
    expect(fault.message).toContain('TLS');
  });

  test('because its URL is invalid is cluster-invalid', async () => {
    expect(await toNowhere('ftp://central.example')).toMatchObject({ code: 'cluster-invalid' });
  });
});

describe('patience', () => {
  test('ends without an answer', async () => {
    always('hang');
    const impatient = clientTo(server.url, { answerTimeout: 30, attempts: 2 });
    expect(await faultOf(impatient.call(get, run))).toMatchObject({
      code: 'kubernetes-unavailable',
      message: expect.stringContaining('timed out'),
    });
    impatient.close();
    expect(sent()).toBe(2);
  });

  test('ends with the run', async () => {
    always('hang');
    const late = { signal: AbortSignal.timeout(30) };
    expect(await faultOf(client.call(get, late))).toMatchObject({ code: 'deadline' });
  });

  test('ends with the reason of the signal, if that is a fault', async () => {
    const reason = new Fault('deadline', 'the function has 2 s left');
    const over = { signal: AbortSignal.abort(reason) };
    expect(await faultOf(client.call(get, over))).toBe(reason);
    expect(sent()).toBe(0);
  });

  test('ends while it waits for credentials', async () => {
    const config = new KubeConfig();
    config.applyToHTTPSOptions = () => new Promise(() => undefined);
    const stuck = new KubernetesClient({
      signIn: (run) => signInBy(config, run),
      renew: () => undefined,
    });
    const late = { signal: AbortSignal.timeout(30) };
    expect(await faultOf(stuck.call(get, late))).toMatchObject({ code: 'deadline' });
  });

  test('ends with an answer that never ends', async () => {
    always({ status: 200, body: Buffer.alloc(17 * 1024 * 1024, 'x') });
    const once = clientTo(server.url, { attempts: 1 });
    expect(await faultOf(once.call(get, run))).toMatchObject({
      code: 'kubernetes-unavailable',
      message: expect.stringContaining('larger than any object'),
    });
    once.close();
  });
});
