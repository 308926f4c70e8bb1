import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../../support/parts/available.ts';
import { type KubeApiserver, startKubeApiserver } from '../../../support/parts/kube-apiserver.ts';
import { until } from '../../../support/parts/process.ts';
import { type Prometheus, startPrometheus } from '../../../support/parts/prometheus.ts';
import { outerAddress, publish } from '../../../support/parts/published.ts';
import { folderWith, run, zoneOf } from '../run.ts';

/** Real servers behind the real API server's proxy: a pair that reads one ConfigMap. */

const CONFIG = `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: federate
    static_configs: []
`;

describeWith(['kube-apiserver', 'kubectl', 'prometheus-3'], 'servers behind a service', () => {
  let kube: KubeApiserver;
  let pair: Prometheus[];
  let namespace: string;

  beforeAll(async () => {
    kube = await startKubeApiserver();
    const server = () =>
      startPrometheus({
        version: '3',
        config: CONFIG,
        host: outerAddress(),
        flags: ['--scrape.discovery-reload-interval=100ms'],
      });
    pair = await Promise.all([server(), server()]);
  });
  afterAll(async () => {
    for (const server of pair ?? []) await server.stop();
    await kube?.stop();
  });
  beforeEach(async () => {
    namespace = await kube.namespace();
    for (const [i, server] of pair.entries()) {
      server.rewrite(CONFIG);
      await server.reload();
      await publish(kube, { namespace, name: `web-${i}`, port: 80 }, { port: server.port });
    }
    await kube.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'server', namespace },
      data: { 'prometheus.yml': CONFIG },
    });
  });

  function folder(reload: boolean): string {
    const service = (i: number) =>
      `{ service: { namespace: ${namespace}, name: web-${i}, port: 80 }, reload: ${reload} }`;
    const target = pair[0]?.address;
    return folderWith({
      kubeconfig: kube.kubeconfig(),
      'zone.json': zoneOf('a.prometheus.internal.'),
      'federation-sync.yml': `
cluster: { kubeconfig: { path: kubeconfig } }
jobs:
  - job: federate
    from: [{ records: zone.json, allowAddresses: true }]
    select: { name: 'internal$' }
    target: '${target}'
    to:
      configMap: { namespace: ${namespace}, name: server, key: prometheus.yml }
      prometheus: [${service(0)}, ${service(1)}]
`,
    });
  }

  /** What the kubelet does: the file of a server becomes what is in the ConfigMap. */
  async function deliver(...servers: Prometheus[]): Promise<void> {
    const path = ['get', 'configmap', 'server', '-n', namespace, '-o', 'json'];
    const text = JSON.parse(await kube.kubectl(path)).data['prometheus.yml'];
    for (const server of servers) server.rewrite(text);
  }

  test('sync --wait ends when both have loaded the list', async () => {
    const at = folder(true);
    const delivered = until('the list', async () => {
      await deliver(...pair);
      return (await pair[1]?.loadedConfig())?.includes('clusterID') || undefined;
    });
    const { code, json, stderr } = await run(at, ['sync', '--wait', '20s', '--json']);
    await delivered;
    expect([code, stderr]).toEqual([0, '']);
    expect(json.jobs[0]).toMatchObject({ status: 'written', warnings: [] });
    expect(json.jobs[0].loadedAfterMs).toBeGreaterThan(0);
    expect(json.jobs[0].loadedAfterMs).toBeLessThan(20_000);
  });

  test('one stale server of the pair is named by sync --wait and by verify', async () => {
    const at = folder(false);
    const { stdout } = await run(at, ['sync', '--wait', '1s']);
    expect(stdout).toMatch(/! not-loaded: not loaded within 1s: service\/\S+\/web-0:80: it lacks/);
    await deliver(...pair);
    expect((await pair[0]?.reload())?.status).toBe(200);
    const seen = await until('verify', async () => {
      const { code, json } = await run(at, ['verify', '--json']);
      return json.jobs[0].targets[0].detail?.includes('web-1') ? { code, json } : undefined;
    });
    expect(seen.code).toBe(2);
    expect(seen.json.jobs[0]).toMatchObject({
      agrees: false,
      prometheus: [
        { url: `service/${namespace}/web-0:80` },
        { url: `service/${namespace}/web-1:80` },
      ],
      notLoaded: [pair[0]?.address],
      targets: [{ state: 'not-loaded', detail: `service/${namespace}/web-1:80` }],
    });
    await pair[1]?.reload();
    await expect.poll(async () => (await run(at, ['verify'])).code).toBe(0);
  });

  test('a reload that is refused, because the rest of the file is broken, is named', async () => {
    const at = folder(true);
    for (const server of pair) server.rewrite(`${CONFIG}\nremote_write: [{ bogus: 1 }]\n`);
    const { stdout } = await run(at, ['sync', '--wait', '1s']);
    expect(stdout).toContain('web-0:80: the reload failed: its configuration is broken');
    const { code, json, stdout: said } = await run(at, ['verify', '--json']);
    expect([code, json.jobs[0].prometheus[0].reloaded]).toEqual([2, false]);
    expect(said).not.toContain('bogus');
  });

  test('what stands in the way is named with its remedy', async () => {
    const at = folder(false);
    await kube.kubectl(['delete', 'endpointslice', 'web-1-0', '-n', namespace]);
    await run(at, ['sync']);
    await expect
      .poll(async () => (await run(at, ['verify'])).stderr)
      .toMatch(
        /prometheus-unreachable: could not query service\/\S+\/web-1:80: HTTP 503 .* a pod of the service is ready/,
      );
    await kube.kubectl(['delete', 'service', 'web-1', '-n', namespace]);
    await expect
      .poll(async () => (await run(at, ['verify'])).stderr)
      .toMatch(
        /object-missing: could not query .* Check prometheus\.service: namespace, name and port/,
      );
  });
});
