import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubernetesRole } from '../../../src/kubernetes-policy.ts';
import { NUDGED } from '../../../src/objects/pods.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import { describeWith } from '../../support/parts/available.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { Admin } from '../../unit/objects/contract.ts';

/** The admission policy that `federation-sync policy` prints: pods/status is good for the nudge, and for nothing else. */

const SYNCER = { name: 'syncer', token: 'syncer-token', groups: ['sync-stage'] };
const OTHER = { name: 'other', token: 'other-token', groups: ['others'] };
const ACCOUNT = {
  name: 'system:serviceaccount:monitoring:federation-sync',
  token: 'account-token',
  groups: ['system:serviceaccounts'],
};

const changes: [what: string, patch: object][] = [
  ['a label', { metadata: { labels: { app: 'other' } } }],
  ['a finalizer', { metadata: { finalizers: ['example.com/keep'] } }],
  ['another annotation', { metadata: { annotations: { 'example.com/note': 'x' } } }],
  ['an annotation that is there', { metadata: { annotations: { theirs: 'changed' } } }],
  ['the removal of an annotation', { metadata: { annotations: { theirs: null } } }],
  ['a condition', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }],
  ['the phase', { status: { phase: 'Failed' } }],
  ['an address', { status: { podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }] } }],
  [
    'the nudge with something else',
    { metadata: { annotations: { [NUDGED]: '2' }, labels: { app: 'other' } } },
  ],
  ['a nudge of any length', { metadata: { annotations: { [NUDGED]: 'x'.repeat(65) } } }],
];

describeWith(['kube-apiserver', 'kubectl'], 'the printed admission policy', () => {
  let server: KubeApiserver;
  let admin: Admin;

  beforeAll(async () => {
    server = await startKubeApiserver({ users: [SYNCER, OTHER, ACCOUNT] });
    admin = new Admin({ ...server, syncerToken: SYNCER.token });
    await server.namespace('monitoring');
    await server.apply(kubernetesRole(settings, { group: 'sync-stage' }));
    await server.apply(
      kubernetesRole(settings, {
        serviceAccount: 'federation-sync',
        namespace: 'monitoring',
      }),
    );
    const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'all-pods' } };
    const rules = [
      { apiGroups: [''], resources: ['pods/status'], verbs: ['patch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    ];
    await server.apply({ ...rbac, kind: 'ClusterRole', rules });
    await server.apply({
      ...rbac,
      kind: 'ClusterRoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'all-pods' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'other' }],
    });
    await server.apply(POD);
  });
  afterAll(() => server?.stop());

  /** `denied` is the policy's answer; anything else is quoted. */
  const patched = (token: string, patch: object) =>
    admin.send('PATCH', `${PATH}/status?dryRun=All`, patch, token).then(
      () => 'allowed',
      (error: Error) =>
        /ValidatingAdmissionPolicy '(federation-sync|sync-stage)-nudge'.* denied request/.test(
          error.message,
        )
          ? 'denied'
          : error.message,
    );

  test('is in force after a second or so', async () => {
    const tried = () =>
      Promise.all([SYNCER, ACCOUNT].map(({ token }) => patched(token, changes[0]![1])));
    await expect.poll(tried).toEqual(['denied', 'denied']);
  });

  describe.each([
    ['a group', SYNCER],
    ['a service account', ACCOUNT],
  ])('for %s', (_, { token }) => {
    test('lets the nudge through', async () => {
      const nudge = { metadata: { annotations: { [NUDGED]: '4711' } } };
      expect(await patched(token, nudge)).toBe('allowed');
    });

    test.each(changes)('denies %s', async (_, patch) => {
      expect(await patched(token, patch)).toBe('denied');
    });
  });

  test('has nothing to say of spec and owners, which pods/status leaves as they are', async () => {
    const patch = {
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'a-b-c' }] },
      spec: { containers: [{ name: 'server', image: 'other' }] },
    };
    await admin.send('PATCH', `${PATH}/status`, patch, SYNCER.token);
    const { metadata, spec } = (await admin.send('GET', PATH)) as {
      metadata: object;
      spec: { containers: { image: string }[] };
    };
    expect(metadata).not.toHaveProperty('ownerReferences');
    expect(spec.containers[0]?.image).toBe('prometheus');
  });

  test.each(changes)('lets others change %s', async (_, patch) => {
    expect(await patched(OTHER.token, patch)).toBe('allowed');
    expect(await patched(server.adminToken, patch)).toBe('allowed');
  });
});

const PATH = '/api/v1/namespaces/monitoring/pods/server-0';
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    namespace: 'monitoring',
    name: 'server-0',
    labels: { app: 'prometheus' },
    annotations: { theirs: 'as it was' },
  },
  spec: {
    automountServiceAccountToken: false,
    containers: [{ name: 'server', image: 'prometheus' }],
  },
};

const settings = checkSettings(
  {
    jobs: [
      {
        job: 'federate',
        from: [{ zone: 'Z1' }],
        select: { name: 'x' },
        to: {
          configMap: { namespace: 'monitoring', name: 'server', key: 'prometheus.yml' },
          nudge: { pods: 'app=prometheus' },
        },
      },
    ],
  },
  'settings',
  '/',
);
