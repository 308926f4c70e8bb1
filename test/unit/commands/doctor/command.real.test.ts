import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../support/parts/available.ts';
import { findKubectl } from '../../../support/parts/found.ts';
import { type KubeApiserver, startKubeApiserver } from '../../../support/parts/kube-apiserver.ts';
import { folderWith, prometheusYml, run, zoneOf } from '../run.ts';

interface Finding {
  readonly message: string;
  readonly remedy?: string;
}
interface Said {
  readonly code: number;
  readonly messages: readonly string[];
}
const isWell = ({ code }: Said) => code === 0;

const TOKEN = 'syncer-token';

describeWith('kube-apiserver', 'doctor on a real API server', () => {
  let server: KubeApiserver;
  beforeAll(async () => {
    const groups = ['federation-sync'];
    server = await startKubeApiserver({ users: [{ name: 'syncer', token: TOKEN, groups }] });
  });
  afterAll(() => server.stop());

  /**
   * A namespace with the object, and what doctor says with the Role that `policy` prints and these rules, once
   * all of them are in force.
   */
  async function doctor(
    isThere: (said: Said, namespace: string) => boolean,
    more: { verbs: string[]; resources?: string[] }[] = [],
    apply?: string[],
  ) {
    const namespace = await server.namespace();
    const settings = (cluster: string) => String.raw`
${cluster}
jobs:
  - job: federate
    from: [{ records: zone.json }]
    select: { name: '\.internal$' }
    to: { configMap: { namespace: ${namespace}, name: prometheus-server, key: prometheus.yml } }
`;
    const folder = folderWith({
      'federation-sync.yml': settings('cluster: { kubeconfig: { path: kubeconfig } }'),
      kubeconfig: server.kubeconfig({ token: TOKEN }),
      'zone.json': zoneOf('a.prometheus.internal. A'),
    });
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'prometheus-server', namespace },
      data: { 'prometheus.yml': prometheusYml() },
    };
    await server.kubectl(apply ?? ['create', '-f', '-'], { input: JSON.stringify(object) });
    const { stdout } = await run(folder, ['policy', 'kubernetes']);
    await server.apply(stdout);
    for (const [i, { verbs, resources = ['configmaps'] }] of more.entries()) {
      const rbac = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        metadata: { name: `more-${i}`, namespace },
      };
      await server.apply({ ...rbac, kind: 'Role', rules: [{ apiGroups: [''], resources, verbs }] });
      await server.apply({
        ...rbac,
        kind: 'RoleBinding',
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: `more-${i}` },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'syncer' }],
      });
    }
    const ask = async () => {
      const { code, json } = await run(folder, ['doctor', '--json']);
      const findings: Finding[] = json.findings;
      return { code, namespace, findings, messages: findings.map(({ message }) => message) };
    };
    // The authorizer learns of new rules by a watch.
    await expect.poll(async () => isThere(await ask(), namespace)).toBe(true);
    return ask();
  }

  test('finds that the Role of policy is sufficient, and not too much', async () => {
    const { messages } = await doctor(isWell);
    expect(messages).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Kubernetes v1\.\d+\.\d+ answers$/),
        'authenticates us as syncer in federation-sync',
        'RBAC allows get, patch',
        'allows no more than needed',
      ]),
    );
  });

  test('names each verb that is more than needed', async () => {
    const extra = 'allows more than needed: list, delete on all configmaps in ';
    const { code } = await doctor(
      ({ messages }, namespace) => messages.includes(`${extra}${namespace}`),
      [{ verbs: ['list', 'delete'] }],
    );
    expect(code).toBe(0);
  });

  test('looks at the pods where it may list them', async () => {
    const { messages } = await doctor(
      (said) => isWell(said) && said.messages.includes('no pod in its namespace mounts it'),
      [{ verbs: ['list'], resources: ['pods'] }],
    );
    expect(messages).toContain('allows no more than needed');
  });

  test('gives a command for kubectl where it may not', async () => {
    const { findings } = await doctor(isWell);
    const { remedy = '' } = findings.find(({ message }) =>
      message.includes('permission to list pods'),
    )!;
    const command = remedy.slice(remedy.indexOf('kubectl ') + 'kubectl '.length);
    const env = { ...process.env, KUBECONFIG: server.kubeconfigFile(), KUBECTL: findKubectl() };
    expect(execFileSync('sh', ['-c', `"$KUBECTL" ${command}`], { env, encoding: 'utf8' })).toBe('');
  });

  test.each([
    ['kubectl apply', ['apply', '-f', '-']],
    ['field manager helm', ['apply', '--server-side', '--field-manager=helm', '-f', '-']],
  ])('knows %s for an owner of the key', async (who, apply) => {
    const { messages } = await doctor(isWell, [], apply);
    expect(messages).toContain(
      `${who} owns it: its next apply restores its own text, or ends in a conflict`,
    );
  });
});
