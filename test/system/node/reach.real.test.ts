import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { type Cluster, startCluster } from '../../support/parts/cluster.ts';
import { nodeParts } from '../../support/parts/part-names.ts';
import {
  importPrometheus,
  type PrometheusPod,
  type PrometheusPodOptions,
  startPrometheusPod,
} from '../../support/parts/prometheus-pod.ts';
import { folderWith, run, zoneOf } from '../../unit/commands/run.ts';

/** From the record to a Prometheus in a pod of a real kubelet, which mounts what is written. */

const PATCHED = `
scrape_configs:
  - job_name: federate
    static_configs: []
`;
const FILE_SD = `
scrape_configs:
  - job_name: federate
    file_sd_configs: [{ files: [/etc/targets/targets.yaml] }]
`;
const SERVICE =
  'prometheus: { service: { namespace: NAMESPACE, name: web, port: 80 }, reload: RELOAD }';

describeWith([...nodeParts, 'kubectl', 'prometheus-3'], 'a list reaches a pod', () => {
  let cluster: Cluster;
  let namespace: string;

  beforeAll(async () => {
    cluster = await startCluster();
    await importPrometheus(cluster.node);
  }, 120_000);
  afterAll(() => cluster?.stop());
  beforeEach(async () => {
    namespace = await cluster.kube.namespace();
  });

  const configMap = (name: string, data: Record<string, string>) =>
    cluster.kube.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name },
      data,
    });

  /** A Prometheus pod behind a Service that the API server can already reach. */
  async function served(options: Omit<PrometheusPodOptions, 'namespace' | 'config'>) {
    const pod = await startPrometheusPod(cluster.kube, { namespace, config: 'server', ...options });
    await cluster.kube.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name: 'web' },
      spec: {
        selector: { 'app.kubernetes.io/name': 'prometheus' },
        ports: [{ port: 80, targetPort: 9090 }],
      },
    });
    const path = `/api/v1/namespaces/${namespace}/services/web:80/proxy/-/ready`;
    await expect
      .poll(() => cluster.kube.kubectl(['get', '--raw', path]).catch(String))
      .toContain('Ready');
    return pod;
  }

  /** The settings' place, and more of them. */
  function folder(place: string): string {
    return folderWith({
      kubeconfig: cluster.kube.kubeconfig(),
      'zone.json': zoneOf('a.prometheus.internal.'),
      'federation-sync.yml': `
cluster: { kubeconfig: { path: kubeconfig } }
jobs:
  - name: federate
    job: federate
    from: [{ records: zone.json }]
    select: { name: 'internal$' }
    to:
      nudge: { pods: 'app.kubernetes.io/name=prometheus' }
      wait: 20s
      ${place.replaceAll('NAMESPACE', namespace)}
`,
    });
  }

  const known = async (pod: PrometheusPod) =>
    (await pod.targets()).map(({ discoveredLabels }) => discoveredLabels.__address__);

  test('of file_sd within seconds: the kubelet is nudged, Prometheus watches the file', async () => {
    await configMap('server', { 'prometheus.yml': FILE_SD });
    await configMap('targets', { 'targets.yaml': '[]\n' });
    const pod = await served({ targets: 'targets' });
    const at = folder(`${SERVICE.replace('RELOAD', 'false')}
      configMap: { namespace: NAMESPACE, name: targets, key: targets.yaml }
      format: file_sd`);
    const { code, json, stderr } = await run(at, ['sync', '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(json.jobs[0]).toMatchObject({ status: 'written', nudged: 1, warnings: [] });
    expect(json.jobs[0].loadedAfterMs).toBeLessThan(15_000);
    expect(await known(pod)).toEqual(['a.prometheus.internal.']);
    // The name does not resolve in this cluster.
    const verified = await run(at, ['verify', '--json']);
    expect(verified.json.jobs[0].targets[0].state).toMatch(/^(down|waiting)$/);
  });

  test('of static_configs within seconds: nudged, then reloaded', async () => {
    await configMap('server', { 'prometheus.yml': PATCHED });
    const pod = await served({});
    const at = folder(`${SERVICE.replace('RELOAD', 'true')}
      configMap: { namespace: NAMESPACE, name: server, key: prometheus.yml }`);
    const { json } = await run(at, ['sync', '--json']);
    expect(json.jobs[0]).toMatchObject({ status: 'written', nudged: 1, warnings: [] });
    expect(json.jobs[0].loadedAfterMs).toBeLessThan(15_000);
    expect(await pod.loadedConfig()).toContain('a.prometheus.internal.');
  });

  describe('and where it does not,', () => {
    test('a subPath mount is named by sync, verify and doctor', async () => {
      await configMap('server', { 'prometheus.yml': PATCHED });
      const pod = await served({ subPath: true });
      const at = folder(
        `${SERVICE.replace('RELOAD', 'true')}
      configMap: { namespace: NAMESPACE, name: server, key: prometheus.yml }`,
      );
      const { json } = await run(at, ['sync', '--wait', '3s', '--json']);
      expect(json.jobs[0].status).toBe('written');
      expect(json.jobs[0].warnings.map(({ code }: { code: string }) => code)).toEqual([
        'subpath-mount',
        'not-loaded',
      ]);
      const verified = await run(at, ['verify', '--json']);
      expect([verified.code, verified.json.jobs[0].notLoaded]).toEqual([
        2,
        ['a.prometheus.internal.'],
      ]);
      const { stdout } = await run(at, ['doctor']);
      expect(stdout).toMatch(/failure .*pod \S+ mounts it with subPath .*never receives an update/);
      expect(await known(pod)).toEqual([]);
    });

    test('a server that nothing reloads is named by verify and doctor', async () => {
      await configMap('server', { 'prometheus.yml': PATCHED });
      await served({});
      const at = folder(`${SERVICE.replace('RELOAD', 'false')}
      configMap: { namespace: NAMESPACE, name: server, key: prometheus.yml }`);
      const { json } = await run(at, ['sync', '--wait', '3s', '--json']);
      expect(json.jobs[0]).toMatchObject({ nudged: 1, warnings: [{ code: 'not-loaded' }] });
      expect((await run(at, ['verify'])).stdout).toContain('not loaded  a.prometheus.internal.');
      expect((await run(at, ['doctor'])).stdout).toMatch(
        /warning .*web:80 .*nothing makes it load a new list: no flag, no reloader/,
      );
    });

    test('no pod of the selector is a warning', async () => {
      await configMap('server', { 'prometheus.yml': PATCHED });
      await served({});
      const at = folderWith({
        kubeconfig: cluster.kube.kubeconfig(),
        'zone.json': zoneOf('a.prometheus.internal.'),
        'federation-sync.yml': `
cluster: { kubeconfig: { path: kubeconfig } }
jobs:
  - job: federate
    from: [{ records: zone.json }]
    select: { name: 'internal$' }
    to:
      configMap: { namespace: ${namespace}, name: server, key: prometheus.yml }
      nudge: { pods: app=other }
`,
      });
      const { json } = await run(at, ['sync', '--json']);
      expect(json.jobs[0]).toMatchObject({
        status: 'written',
        warnings: [{ code: 'nudge-nobody' }],
      });
    });
  });
});
