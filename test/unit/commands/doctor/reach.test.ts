import { beforeEach, expect, test, vi } from 'vitest';
import { type Emulators, startEmulators } from '../../../support/emulators/emulators.ts';
import { ApiError } from '../../../support/emulators/kubernetes/status.ts';
import { PrometheusEmulator } from '../../../support/emulators/prometheus.ts';
import { folderWith, prometheusYml, run } from '../run.ts';

/** What doctor says of nudges, and of servers behind the API server. */

const SETTINGS = String.raw`
cluster: { eks: { name: central, region: eu-west-1 } }
jobs:
  - job: federate
    from: [{ zone: Z1 }]
    select: { name: '\.prometheus\.internal$' }
    to:
      configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml }
      nudge: { pods: app=prometheus }
      prometheus: { service: { namespace: monitoring, name: web, port: 80 }, reload: true }
`;

let emulators: Emulators;
const namespace = 'monitoring';

beforeEach(async () => {
  emulators = await startEmulators();
  for (const [name, value] of Object.entries(emulators.env)) vi.stubEnv(name, value);
  const { aws, kubernetes } = emulators;
  aws.route53.createZone({ id: 'Z1', name: 'prometheus.internal' });
  aws.route53.upsert('Z1', [{ Name: 'a.prometheus.internal', Type: 'CNAME' }]);
  kubernetes.put({
    kind: 'ConfigMap',
    metadata: { namespace, name: 'prometheus-server' },
    data: { 'prometheus.yml': prometheusYml() },
  });
  kubernetes.serve(namespace, 'web:80', new PrometheusEmulator(prometheusYml()).answer);
  emulators.addAccessEntry(emulators.credentials.arn, { groups: ['federation-sync'] });
  grant(['get', 'patch'], 'configmaps', 'prometheus-server');
  return async () => {
    vi.unstubAllEnvs();
    await emulators.close();
  };
});

function grant(verbs: string[], resource: string, name?: string): void {
  const names = name === undefined ? {} : { names: [name] };
  const group = { group: 'federation-sync' };
  emulators.kubernetes.grant(group, { namespace, verbs, resources: [resource], ...names });
}

function grantAll(): void {
  grant(['list'], 'pods');
  grant(['patch'], 'pods/status');
  grant(['get', 'create'], 'services/proxy', 'web:80');
}

function pod(phase = 'Running'): void {
  emulators.kubernetes.put({
    kind: 'Pod',
    metadata: { namespace, name: 'server-0', labels: { app: 'prometheus' } },
    spec: {
      containers: [
        {
          name: 'server',
          args: ['--config.auto-reload'],
          volumeMounts: [{ name: 'c', mountPath: '/etc/c' }],
        },
      ],
      volumes: [{ name: 'c', configMap: { name: 'prometheus-server' } }],
    },
    status: { phase },
  });
}

async function doctor() {
  const folder = folderWith({ 'federation-sync.yml': SETTINGS });
  const { code, json } = await run(folder, ['doctor', '--json']);
  const findings: { status: string; about: string; message: string }[] = json.findings;
  const lines = findings
    .map(({ status, about, message }) => `${status} ${about}: ${message}`)
    .filter((line) => /pods|service\//.test(line));
  return { code, lines };
}

/** As the admission policy answers what it denies. */
const deniesLabels = () =>
  emulators.kubernetes.admit(({ object, type }) => {
    if (type.kind !== 'Pod' || !object?.metadata.labels?.['route53-federation-sync/probe']) return;
    const message =
      "pods \"server-0\" is forbidden: ValidatingAdmissionPolicy 'federation-sync-nudge' with binding 'federation-sync-nudge' denied request: only the annotation";
    throw new ApiError(422, 'Invalid', message, {});
  });

test('with the printed rights and the policy, there is no finding, and nothing was changed', async () => {
  grantAll();
  pod();
  deniesLabels();
  const { code, lines } = await doctor();
  expect(code).toBe(0);
  expect(lines).toEqual(
    expect.arrayContaining([
      'ok pods in monitoring: RBAC allows list of pods, patch of pods/status',
      'ok pods app=prometheus in monitoring: the admission policy allows nothing but the nudge',
      'ok service/monitoring/web:80: RBAC allows get of services/proxy, create of services/proxy',
      'ok service/monitoring/web:80: Prometheus 3.16.0 answers',
    ]),
  );
  const { metadata } = emulators.kubernetes.get('Pod', namespace, 'server-0') ?? {};
  expect(metadata?.labels).toEqual({ app: 'prometheus' });
});

test('names each right that is missing', async () => {
  pod();
  const { code, lines } = await doctor();
  expect(code).toBe(1);
  expect(lines).toEqual(
    expect.arrayContaining([
      'failure pods in monitoring: RBAC does not allow list of pods, patch of pods/status',
      expect.stringMatching(/^warning pods app=prometheus .*not checked: kubernetes-forbidden/),
      'failure service/monitoring/web:80: RBAC does not allow get of services/proxy, create of services/proxy',
      expect.stringMatching(/^warning Prometheus: kubernetes-forbidden: .*web:80/),
    ]),
  );
});

test('says if the policy is missing, and leaves the pod as it is', async () => {
  grantAll();
  pod();
  const { code, lines } = await doctor();
  expect(code).toBe(0);
  expect(lines).toContainEqual(
    expect.stringMatching(/^warning pods app=prometheus in monitoring: no admission policy limits/),
  );
  const { metadata } = emulators.kubernetes.get('Pod', namespace, 'server-0') ?? {};
  expect(metadata?.labels).toEqual({ app: 'prometheus' });
});

test('says if no running pod matches', async () => {
  grantAll();
  pod('Pending');
  const { lines } = await doctor();
  expect(lines).toContainEqual(
    expect.stringMatching(/^warning pods app=prometheus in monitoring: no running pod matches/),
  );
});
