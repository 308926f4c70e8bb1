import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect } from '../../../src/connect.ts';
import type { Settings } from '../../../src/job.ts';
import { kubernetesRole } from '../../../src/kubernetes-policy.ts';
import { findSettings } from '../../../src/settings/find.ts';
import { sync } from '../../../src/sync.ts';
import { PrometheusEmulator } from '../../support/emulators/prometheus.ts';
import { describeWith } from '../../support/parts/available.ts';
import { serveBackend } from '../../support/parts/http-emulator.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { installCrds } from '../../support/parts/operator-crds.ts';
import { outerAddress, publish } from '../../support/parts/published.ts';
import { folderWith, prometheusYml, zoneOf } from '../../unit/commands/run.ts';
import { Admin } from '../../unit/objects/contract.ts';

// The Role that `federation-sync policy` prints is enough, and nothing in it is too much.

const TOKEN = 'syncer-token';
const SYNCER = { name: 'syncer', token: TOKEN, groups: ['federation-sync'] };

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

describeWith(['kube-apiserver', 'kubectl', 'prometheus-operator'], 'the printed Role', () => {
  let server: KubeApiserver;
  let namespace: string;
  let settings: Settings;
  let rules: Rule[];
  let prometheus: Awaited<ReturnType<typeof serveBackend>>;

  beforeAll(async () => {
    server = await startKubeApiserver({ users: [SYNCER] });
    await installCrds(server, 'scrapeconfigs');
    const part = new PrometheusEmulator('');
    // With a reload, it has what is in the ConfigMap, as behind a volume that the kubelet has refreshed.
    prometheus = await serveBackend(outerAddress(), async (request) => {
      if (request.method === 'POST') {
        const path = ['get', 'configmap', 'server', '-n', namespace, '-o', 'json'];
        part.file = JSON.parse(await server.kubectl(path)).data['prometheus.yml'];
      }
      return part.answer(request);
    });
  });
  afterAll(async () => {
    await prometheus?.close();
    await server?.stop();
  });

  beforeEach(async () => {
    namespace = await server.namespace();
    const kubeconfig = server.kubeconfigFile({ token: TOKEN });
    const folder = folderWith({
      'zone.json': zoneOf('c1.x.internal.'),
      'template.yml': { apiVersion: 'monitoring.coreos.com/v1alpha1', kind: 'ScrapeConfig' },
    });
    const job = (name: string, to: object) => ({
      name,
      from: [{ records: 'zone.json' }],
      select: { name: 'internal' },
      to,
    });
    const place = (name: string, key: string) => ({ namespace, name, key });
    const reached = {
      configMap: place('server', 'prometheus.yml'),
      nudge: { pods: 'app=prometheus' },
      prometheus: { service: { namespace, name: 'web', port: 80 }, reload: true },
      wait: '2s',
    };
    const raw = {
      cluster: { kubeconfig: { path: kubeconfig } },
      jobs: [
        { ...job('federate', reached), job: 'federate' },
        { ...job('more', { secret: place('scrape', 'more.yml') }), job: 'federate' },
        job('own', {
          configMap: place('own', 'targets.json'),
          format: 'file_sd',
          create: true,
        }),
        job('operator', {
          scrapeConfig: { namespace, name: 'federate' },
          create: true,
          template: 'template.yml',
        }),
      ],
    };
    writeFileSync(join(folder, 'federation-sync.yml'), JSON.stringify(raw));
    settings = await findSettings(undefined, folder, {});
    const list = kubernetesRole(settings);
    rules = (list.items.find(({ kind }) => kind === 'Role') as unknown as { rules: Rule[] }).rules;
    const metadata = (name: string) => ({ namespace, name });
    const text = prometheusYml();
    const base64 = Buffer.from(text).toString('base64');
    const common = { apiVersion: 'v1' };
    const objects = [
      {
        ...common,
        kind: 'ConfigMap',
        metadata: metadata('server'),
        data: { 'prometheus.yml': text },
      },
      {
        ...common,
        kind: 'Secret',
        metadata: metadata('scrape'),
        data: { 'more.yml': base64 },
      },
    ];
    await server.apply({ ...list, items: [...list.items, ...objects] });
    await publish(
      server,
      { namespace, name: 'web', port: 80 },
      {
        port: prometheus.port,
        labels: { app: 'prometheus' },
        volumes: [{ name: 'config', configMap: { name: 'server' } }],
        mounts: [{ name: 'config', mountPath: '/etc/prometheus' }],
      },
    );
    await inForce(rules);
  });

  async function run(): Promise<string[]> {
    const connection = connect(settings, { env: {} });
    const outcomes = await sync(settings.jobs, connection, { signal: AbortSignal.timeout(20_000) });
    connection.kubernetes().close();
    return outcomes.map(({ job, status, fault, warnings }) =>
      [job.name, status, ...(fault ? [fault.code] : []), ...warnings.map(({ code }) => code)].join(
        ' ',
      ),
    );
  }

  const key = ({ resources, resourceNames = [], verbs }: Rule) =>
    `${resources} ${[...resourceNames].sort()} ${[...verbs].sort()}`;

  /** What the API server itself says that the syncer may do with core objects here. */
  async function inForce(wanted: readonly Rule[]): Promise<void> {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace },
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const look = async () => {
      const answer = await new Admin({ ...server, syncerToken: TOKEN }).send(
        'POST',
        path,
        review,
        TOKEN,
      );
      const { status } = answer as { status: { resourceRules: Rule[] } };
      return status.resourceRules
        .filter(({ apiGroups }) => apiGroups.some((it) => /^$|^monitoring/.test(it)))
        .map(key)
        .sort();
    };
    await expect.poll(look, { timeout: 20_000 }).toEqual(wanted.map(key).sort());
  }

  const replaceRules = async (changed: readonly Rule[]) => {
    const patch = JSON.stringify({ rules: changed });
    const role = ['patch', 'role', 'federation-sync', '-n', namespace];
    await server.kubectl([...role, '--type', 'merge', '-p', patch]);
    await inForce(changed);
  };

  test('is enough for a first run, a second one, and a change', async () => {
    expect(await run()).toEqual([
      'federate written',
      'more written',
      'own written',
      'operator written',
    ]);
    expect(await run()).toEqual([
      ...['federate unchanged', 'more unchanged', 'own unchanged', 'operator unchanged'],
    ]);
    const back = JSON.stringify({ data: { 'prometheus.yml': prometheusYml(), own: '' } });
    await server.kubectl(['patch', 'configmap', 'server', '-n', namespace, '-p', back]);
    await server.kubectl([
      ...['patch', 'configmap', 'own', '-n', namespace],
      ...['-p', JSON.stringify({ data: { 'targets.json': '[]' } })],
    ]);
    expect(await run()).toEqual([
      ...['federate written', 'more unchanged', 'own written', 'operator unchanged'],
    ]);
  });

  /** What each verb is needed for: what fails without it. */
  const needs: [resource: string, verb: string, ends: string[]][] = [
    [
      'configmaps',
      'get',
      ['federate failed kubernetes-forbidden', 'more written', 'own failed kubernetes-forbidden'],
    ],
    [
      'configmaps',
      'patch',
      ['federate failed kubernetes-forbidden', 'more written', 'own written'],
    ],
    [
      'configmaps',
      'create',
      ['federate written', 'more written', 'own failed kubernetes-forbidden'],
    ],
    ['secrets', 'get', ['federate written', 'more failed kubernetes-forbidden', 'own written']],
    ['secrets', 'patch', ['federate written', 'more failed kubernetes-forbidden', 'own written']],
    ['pods', 'list', ['federate written nudge-failed', 'more written', 'own written']],
    ['pods/status', 'patch', ['federate written nudge-failed', 'more written', 'own written']],
    ['services/proxy', 'get', ['federate written not-loaded', 'more written', 'own written']],
    ['scrapeconfigs', 'get', ['federate written', 'more written', 'own written']],
    ['scrapeconfigs', 'patch', ['federate written', 'more written', 'own written']],
    ['scrapeconfigs', 'create', ['federate written', 'more written', 'own written']],
    ['services/proxy', 'create', ['federate written not-loaded', 'more written', 'own written']],
  ];

  const OPERATOR = 'operator written';
  const REFUSED = 'operator failed kubernetes-forbidden';

  test('holds these verbs and no other', () => {
    const held = rules.flatMap(({ resources, verbs }) =>
      verbs.map((verb) => `${resources} ${verb}`),
    );
    expect(held.sort()).toEqual(needs.map(([resource, verb]) => `${resource} ${verb}`).sort());
  });

  test.each(needs)('without %s %s it is not enough', async (resource, verb, ends) => {
    const without = rules
      .map((rule) =>
        rule.resources.includes(resource)
          ? { ...rule, verbs: rule.verbs.filter((it) => it !== verb) }
          : rule,
      )
      .filter(({ verbs }) => verbs.length > 0);
    await replaceRules(without);
    const isOperators = resource === 'scrapeconfigs';
    expect(await run()).toEqual([...ends, isOperators ? REFUSED : OPERATOR]);
    await replaceRules(rules);
    expect((await run()).join()).not.toContain('kubernetes-forbidden');
  });

  test('is for the named objects only', async () => {
    const user = { token: TOKEN };
    const can = (verb: string, object: string, ns = namespace) =>
      server.kubectl(['auth', 'can-i', verb, object, '-n', ns], { user }).then(
        (said) => said.trim(),
        () => 'no',
      );
    expect(await can('get', 'configmap/server')).toBe('yes');
    for (const [verb, object] of [
      ['get', 'configmap/other'],
      ['patch', 'configmap/scrape'],
      ['get', 'secret/server'],
      ['list', 'configmaps'],
      ['watch', 'configmap/server'],
      ['list', 'secrets'],
      ['create', 'secrets'],
      ['delete', 'configmap/server'],
      ['update', 'configmap/server'],
      ['get', 'pods'],
      ['patch', 'pods'],
      ['delete', 'pods'],
      ['update', 'pods/status'],
      ['get', 'services'],
    ] as const) {
      expect([verb, object, await can(verb, object)]).toEqual([verb, object, 'no']);
    }
    expect(await can('get', 'configmap/server', 'default')).toBe('no');
  });
});
