import { connect } from 'node:tls';
import {
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  type V1ResourceAttributes,
  VersionApi,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kubeconfig } from '../parts/kubeconfig.ts';
import { quotaExceeded, webhookDenial } from './kubernetes/objects.ts';
import { type Kubernetes, startKubernetes } from './kubernetes.ts';
import { objectsContract, patcher, statusOf } from './objects-contract.ts';
import { issueServerCertificate } from './wire/certificate.ts';

let kubernetes: Kubernetes;
let admin: CoreV1Api;

function configured(text: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(text);
  return config;
}

const apiOf = (token: string) =>
  configured(kubernetes.kubeconfig({ token })).makeApiClient(CoreV1Api);

beforeAll(async () => {
  kubernetes = await startKubernetes();
  admin = apiOf(kubernetes.adminToken);
});
afterAll(() => kubernetes.close());

describe('the emulated API server keeps the objects contract', () => {
  objectsContract(() => admin, 'contract');
});

test('its certificate is for 127.0.0.1 and localhost, only by its own authority', async () => {
  const handshake = (host: string, ca: string) =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', servername: host, port: kubernetes.port, ca });
      socket.once('secureConnect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('secureConnect', () => socket.end());
    });
  const before = kubernetes.handshakes();
  expect(await handshake('localhost', kubernetes.certificateAuthority)).toBe(true);
  expect(await handshake('example.com', kubernetes.certificateAuthority)).toBe(false);
  expect(await handshake('localhost', issueServerCertificate().authority.certificate)).toBe(false);
  expect(kubernetes.handshakes()).toBeGreaterThan(before);
});

describe('rights', () => {
  const namespace = 'rights';
  let limited: CoreV1Api;
  let authorization: AuthorizationV1Api;

  beforeAll(() => {
    kubernetes.put({ kind: 'ConfigMap', metadata: { namespace, name: 'mine' }, data: { a: '1' } });
    kubernetes.put({ kind: 'ConfigMap', metadata: { namespace, name: 'other' } });
    const token = kubernetes.addUser({ name: 'sync', groups: ['federation'] });
    kubernetes.grant(
      { group: 'federation' },
      { namespace, verbs: ['get', 'patch'], resources: ['configmaps'], names: ['mine'] },
    );
    limited = apiOf(token);
    authorization = configured(kubernetes.kubeconfig({ token })).makeApiClient(AuthorizationV1Api);
  });

  test('cover the named object and verbs', async () => {
    expect((await limited.readNamespacedConfigMap({ namespace, name: 'mine' })).data).toEqual({
      a: '1',
    });
    await patcher(limited, namespace)('mine', { data: { a: '2' } });
    expect(kubernetes.get('ConfigMap', namespace, 'mine')?.data).toEqual({ a: '2' });
  });

  test.for<[string, (api: CoreV1Api) => Promise<unknown>, string]>([
    [
      'another name',
      (api) => api.readNamespacedConfigMap({ namespace, name: 'other' }),
      'configmaps "other" is forbidden: User "sync" cannot get resource "configmaps" in API group "" in the namespace "rights"',
    ],
    [
      'a list',
      (api) => api.listNamespacedConfigMap({ namespace }),
      'configmaps is forbidden: User "sync" cannot list resource "configmaps" in API group "" in the namespace "rights"',
    ],
    [
      'another verb',
      (api) => api.deleteNamespacedConfigMap({ namespace, name: 'mine' }),
      'configmaps "mine" is forbidden: User "sync" cannot delete resource "configmaps" in API group "" in the namespace "rights"',
    ],
    [
      'the whole cluster',
      (api) => api.listConfigMapForAllNamespaces(),
      'configmaps is forbidden: User "sync" cannot list resource "configmaps" in API group "" at the cluster scope',
    ],
  ])('do not cover %s', async ([, call, message]) => {
    expect(await statusOf(call(limited))).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message,
    });
  });

  test.for<[V1ResourceAttributes, boolean]>([
    [{ namespace, verb: 'patch', resource: 'configmaps', name: 'mine' }, true],
    [{ namespace, verb: 'update', resource: 'configmaps', name: 'mine' }, false],
    [{ namespace, verb: 'get', resource: 'configmaps' }, false],
    [{ namespace: 'contract', verb: 'get', resource: 'configmaps', name: 'mine' }, false],
  ])('are reported by SelfSubjectAccessReview: %o is %s', async ([resourceAttributes, allowed]) => {
    const { status } = await authorization.createSelfSubjectAccessReview({
      body: { spec: { resourceAttributes } },
    });
    expect(status?.allowed).toBe(allowed);
    expect(status?.reason).toBe(
      allowed
        ? 'RBAC: allowed by RoleBinding "granted-1/rights" of Role "granted-1" to Group "federation"'
        : undefined,
    );
  });

  test('are listed by SelfSubjectRulesReview', async () => {
    const { status } = await authorization.createSelfSubjectRulesReview({
      body: { spec: { namespace } },
    });
    expect(status?.resourceRules).toContainEqual({
      verbs: ['get', 'patch'],
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: ['mine'],
    });
  });

  test('an unknown token is Unauthorized; no token is system:anonymous, who may see the version', async () => {
    const asked = apiOf('nonsense').readNamespacedConfigMap({ namespace, name: 'mine' });
    expect(await statusOf(asked)).toMatchObject({ code: 401 });
    const { url: server, certificateAuthority } = kubernetes;
    const nobody = configured(kubeconfig({ server, certificateAuthority }));
    const anonymous = nobody.makeApiClient(CoreV1Api);
    const read = anonymous.readNamespacedConfigMap({ namespace, name: 'mine' });
    expect((await statusOf(read)).message).toContain('User "system:anonymous" cannot get');
    const { gitVersion } = await nobody.makeApiClient(VersionApi).getCode();
    expect(gitVersion).toMatch(/^v1\.\d+\.\d+$/);
  });
});

describe('what a test can do to it', () => {
  const namespace = 'tests';
  let patch: ReturnType<typeof patcher>;

  beforeEach(() => {
    kubernetes.faults.clear();
    kubernetes.admit(undefined);
    patch = patcher(admin, namespace);
    kubernetes.put({ kind: 'ConfigMap', metadata: { namespace, name: 'c' }, data: { a: '1' } });
  });

  test('change an object between a client GET and PATCH', async () => {
    kubernetes.faults.before({ operation: 'patch configmaps' }, () => {
      kubernetes.put({ kind: 'ConfigMap', metadata: { namespace, name: 'c' }, data: { a: '7' } });
    });
    const { metadata } = await admin.readNamespacedConfigMap({ namespace, name: 'c' });
    const { resourceVersion } = metadata ?? {};
    const status = await statusOf(patch('c', { metadata: { resourceVersion }, data: { a: '2' } }));
    expect(status).toMatchObject({ code: 409 });
    expect(kubernetes.get('ConfigMap', namespace, 'c')?.data).toEqual({ a: '7' });
  });

  test('refuse a write as a webhook or a quota does', async () => {
    kubernetes.admit(() => {
      throw webhookDenial('policy.example.com', 'not on a Friday');
    });
    expect(await statusOf(patch('c', { data: { a: '2' } }))).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: 'admission webhook "policy.example.com" denied the request: not on a Friday',
    });
    kubernetes.admit((request) => {
      throw quotaExceeded(request, 'objects', 'requested: count/configmaps=1');
    });
    expect((await statusOf(patch('c', { data: { a: '2' } }))).message).toBe(
      'configmaps "c" is forbidden: exceeded quota: objects, requested: count/configmaps=1',
    );
    expect(kubernetes.get('ConfigMap', namespace, 'c')?.data).toEqual({ a: '1' });
  });

  test('read what was called, with what and by whom', async () => {
    await patch('c', { data: { a: '2' } });
    expect(kubernetes.faults.of('patch configmaps')).toMatchObject([
      {
        service: 'kubernetes',
        method: 'PATCH',
        path: '/api/v1/namespaces/tests/configmaps/c?fieldManager=route53-federation-sync',
        body: '{"data":{"a":"2"}}',
        status: 200,
      },
    ]);
  });
});
