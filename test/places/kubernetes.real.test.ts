import { expect } from 'vitest';
import { describeWith } from '../parts/available.ts';
import { startKubeApiserver } from '../parts/kube-apiserver.ts';
import { Admin, type ContractServer, kubernetesContract, type Rule } from './contract.ts';

const userToken = 'user-token';
const rbac = 'rbac.authorization.k8s.io';

async function startReal(): Promise<ContractServer> {
  const users = [{ name: 'syncer', token: userToken }];
  const { url, certificateAuthority, adminToken, stop } = await startKubeApiserver({ users });
  const bound = new Set<string>();
  const server: ContractServer = {
    url,
    certificateAuthority,
    adminToken,
    userToken,
    stop,
    async allow(namespace, rules) {
      await (bound.has(namespace) ? change : bind)(namespace, rules);
      bound.add(namespace);
      // The authorizer learns of it by a watch.
      await expect.poll(() => rulesInForce(namespace)).toEqual(inOrder(rules));
    },
  };
  const admin = new Admin(server);
  const path = (namespace: string, kind: string) =>
    `/apis/${rbac}/v1/namespaces/${namespace}/${kind}`;
  const ofCore = (rules: readonly Rule[]) => rules.map((rule) => ({ apiGroups: [''], ...rule }));

  async function bind(namespace: string, rules: readonly Rule[]): Promise<void> {
    const common = { apiVersion: `${rbac}/v1`, metadata: { name: 'syncer' } };
    await admin.send('POST', path(namespace, 'roles'), {
      ...common,
      kind: 'Role',
      rules: ofCore(rules),
    });
    await admin.send('POST', path(namespace, 'rolebindings'), {
      ...common,
      kind: 'RoleBinding',
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'syncer' },
      subjects: [{ apiGroup: rbac, kind: 'User', name: 'syncer' }],
    });
  }
  async function change(namespace: string, rules: readonly Rule[]): Promise<void> {
    await admin.patch(path(namespace, 'roles/syncer'), { rules: ofCore(rules) });
  }
  async function rulesInForce(namespace: string): Promise<string[]> {
    const kind = 'SelfSubjectRulesReview';
    const review = { apiVersion: 'authorization.k8s.io/v1', kind, spec: { namespace } };
    const asked = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const { status } = (await admin.send('POST', asked, review, userToken)) as RulesReview;
    return inOrder(status.resourceRules.filter(({ apiGroups }) => apiGroups?.includes('')));
  }
  return server;
}

interface RulesReview {
  readonly status: { readonly resourceRules: readonly (Rule & { apiGroups?: string[] })[] };
}

const inOrder = (rules: readonly Rule[]) =>
  rules.map((rule) => JSON.stringify([rule.verbs, rule.resources, rule.resourceNames])).sort();

describeWith('kube-apiserver', 'objects of a real API server', () => {
  kubernetesContract(startReal);
});
