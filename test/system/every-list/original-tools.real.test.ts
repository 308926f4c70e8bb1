import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { createKubeletVolume } from '../../support/parts/kubelet-volume.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { until } from '../../support/parts/process.ts';
import { type Prometheus, promtool, startPrometheus } from '../../support/parts/prometheus.ts';
import { workplace, zonesAt } from './product.ts';

/*
 * What the authors of the article built three tools for, as the jobs of one: federate into the chart's
 * prometheus.yml, blackbox into the operator's Secret, Thanos endpoints in both formats.
 *
 * Names carry a loopback address and a port (`c2.n2.p9090.prometheus.internal` -> 127.0.0.2:9090), so that
 * Prometheus can scrape without a resolver.
 */

const PROMETHEUS_YML = `global:
  scrape_interval: 1s
scrape_configs:
  - job_name: federate
    metrics_path: /federate
    params: { 'match[]': ['{__name__="prometheus_build_info"}'] }
    static_configs:
      - targets: ['127.0.0.1:1']
        labels: { clusterID: central }
  - job_name: other   # stays
    static_configs: [{targets: [ "127.0.0.1:2" ]}]
`;
const ADDITIONAL = `- job_name: blackbox
  metrics_path: /probe
  relabel_configs:
    - source_labels: [__address__]
      target_label: __param_target
    - source_labels: [__param_target]
      target_label: instance
    - target_label: __address__
      replacement: 127.0.0.1:9
- job_name: secret
  basic_auth: { username: u, password: hunter2 }
  static_configs: [{ targets: ['127.0.0.1:3'] }]
`;

describeWith(
  ['moto', 'kube-apiserver', 'prometheus-2', 'prometheus-3'],
  'the jobs of the three original tools in one settings file',
  () => {
    let moto: Moto;
    let cluster: KubeApiserver;
    let leaf: Prometheus;
    let place: ReturnType<typeof workplace>;
    let zones: ReturnType<typeof zonesAt>;
    let privateZone: string;
    let publicZone: string;

    beforeAll(async () => {
      [moto, cluster, leaf] = await Promise.all([
        startMoto(),
        startKubeApiserver(),
        startPrometheus({
          version: '3',
          host: '0.0.0.0',
          config: 'global: { scrape_interval: 1s }\n',
        }),
      ]);
      place = workplace({ ...moto.env, KUBECONFIG: cluster.kubeconfigFile() });
      zones = zonesAt(moto.endpoint);
      privateZone = await zones.create('prometheus.internal', { private: true });
      publicZone = await zones.create('example.com', { private: false });
      await zones.upsert(privateZone, { name: `c1.n1.p${leaf.port}.prometheus.internal` });
      await zones.upsert(
        publicZone,
        { name: 'one.cloud.example.com', identifier: 'blue' },
        { name: 'two.cloud.example.com', identifier: 'two [hibernating]' },
        { name: 'www.example.com' },
      );
      await cluster.namespace('monitoring');
      await cluster.apply(
        object('ConfigMap', 'prometheus-server', { 'prometheus.yml': PROMETHEUS_YML }),
      );
      await cluster.apply(
        object('Secret', 'additional-scrape-configs', { 'additional.yaml': ADDITIONAL }),
      );
      place.write('federation-sync.yml', settings(privateZone, publicZone));
    });

    afterAll(() => Promise.all([moto?.stop(), cluster?.stop(), leaf?.stop()]));

    const read = async (kind: string, name: string, key: string): Promise<string> => {
      const found = JSON.parse(
        await cluster.kubectl(['-n', 'monitoring', 'get', kind, name, '-o', 'json']),
      );
      const value = found.data[key];
      return kind === 'secret' ? Buffer.from(value, 'base64').toString() : value;
    };

    test('the first sync writes every list, and the second writes nothing', async () => {
      const first = await place.report('sync');
      expect(first.jobs.map(({ name, to, status }) => [name, to, status])).toEqual([
        ['federate', 'configmap/monitoring/prometheus-server:prometheus.yml', 'written'],
        ['blackbox', 'secret/monitoring/additional-scrape-configs:additional.yaml', 'written'],
        ['thanos', 'configmap/monitoring/thanos-query:endpoints.yml', 'written'],
        ['thanos-sd', 'configmap/monitoring/thanos-query:stores.json', 'written'],
        ['thanos-sd', 'configmap/monitoring/file-sd:targets.yml', 'written'],
      ]);
      expect(first.code).toBe(0);
      const second = await place.report('sync');
      expect(second.jobs.map(({ status }) => status)).toEqual(Array(5).fill('unchanged'));
    });

    test('promtool of both majors accepts what was written', async () => {
      const prometheusYml = await read('configmap', 'prometheus-server', 'prometheus.yml');
      const additional = await read('secret', 'additional-scrape-configs', 'additional.yaml');
      expect(prometheusYml).toContain(
        '- job_name: other   # stays\n    static_configs: [{targets: [ "127.0.0.1:2" ]}]\n',
      );
      expect(additional).toContain('basic_auth: { username: u, password: hunter2 }');
      for (const major of ['2', '3'] as const) {
        expect(await promtool(major, 'config', prometheusYml)).toMatchObject({ ok: true });
        const whole = `scrape_configs:\n${additional}`;
        expect(await promtool(major, 'config', whole)).toMatchObject({ ok: true });
      }
    });

    test('blackbox accepts URLs, of both zones, without what hibernates', async () => {
      const additional = await read('secret', 'additional-scrape-configs', 'additional.yaml');
      expect(additional).toContain('https://one.cloud.example.com/api/v4/system/ping');
      expect(additional).toContain(
        `https://c1.n1.p${leaf.port}.prometheus.internal/api/v4/system/ping`,
      );
      expect(additional).not.toContain('two.cloud');
      expect(additional).not.toContain('www.');
    });

    test('Thanos gets its endpoints file, and its older list', async () => {
      const endpoints = await read('configmap', 'thanos-query', 'endpoints.yml');
      expect(endpoints).toBe(
        `endpoints:\n- address: c1.n1.p${leaf.port}.prometheus.internal:10901\n`,
      );
      const stores = JSON.parse(await read('configmap', 'thanos-query', 'stores.json'));
      expect(stores).toEqual([
        { targets: [`127.0.0.1:${leaf.port}`], labels: { clusterID: 'c1' } },
      ]);
      const made = await cluster.kubectl([
        '-n',
        'monitoring',
        'get',
        'cm',
        'file-sd',
        '-o',
        'json',
      ]);
      expect(JSON.parse(made).metadata.labels).toEqual({
        'app.kubernetes.io/managed-by': 'route53-federation-sync',
      });
    });

    test('a Secret is printed by render only when asked to', async () => {
      const refused = await place.run('render', '--job', 'blackbox');
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain('--show-secrets');
      const plan = await place.run('plan', '--verbose');
      expect(plan.stdout + plan.stderr).not.toContain('hunter2');
    });

    test.each(['2', '3'] as const)(
      'Prometheus %s scrapes the written configuration',
      async (version) => {
        const config = await read('configmap', 'prometheus-server', 'prometheus.yml');
        const server = await startPrometheus({ version, config });
        try {
          await until(
            'the federate job is up',
            async () => (await server.query('up{job="federate",clusterID="c1"} == 1')).length === 1,
          );
        } finally {
          await server.stop();
        }
      },
    );

    test.each(['2', '3'] as const)(
      'Prometheus %s picks a new file_sd target up without a reload',
      async (version) => {
        const keys = async () => ({
          'targets.yml': await read('configmap', 'file-sd', 'targets.yml'),
        });
        const volume = createKubeletVolume(await keys());
        const config = `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: federate
    metrics_path: /federate
    params: { 'match[]': ['{__name__="prometheus_build_info"}'] }
    file_sd_configs: [{ files: ['${volume.path('targets.yml')}'] }]
`;
        const server = await startPrometheus({ version, config });
        const name = `new${version}.n${version}.p${leaf.port}.prometheus.internal`;
        try {
          await zones.upsert(privateZone, { name });
          const { jobs } = await place.report('sync', '--job', 'thanos-sd');
          expect(jobs.map(({ status }) => status)).toEqual(['written', 'written']);
          volume.update(await keys());
          const begun = performance.now();
          await until(
            'the new target is scraped',
            async () => (await server.query(`up{clusterID="new${version}"} == 1`)).length === 1,
          );
          const seconds = ((performance.now() - begun) / 1000).toFixed(1);
          console.log(
            `Prometheus ${version}: ${seconds} s from the volume's change to the first sample, by file_sd`,
          );
        } finally {
          await server.stop();
          volume.remove();
          await zones.remove(privateZone, { name });
        }
      },
    );

    test('one broken zone, document or place leaves every other list written', async () => {
      await zones.upsert(privateZone, { name: `c2.n4.p${leaf.port}.prometheus.internal` });
      await cluster.apply(
        object('Secret', 'additional-scrape-configs', { 'additional.yaml': '- job_name: [\n' }),
      );
      const broken = settings(privateZone, publicZone).replace('name: file-sd', 'name: nowhere');
      place.write(
        'broken.yml',
        // thanos reads a zone that is not there; blackbox's document is broken; one of two places is missing
        broken
          .replace(
            "name: thanos\n    from: [{ zone: '",
            "name: thanos\n    from: [{ zone: 'ZNOSUCH' }, { zone: '",
          )
          .replace('create: true } # file-sd', '}'),
      );
      const { jobs, code } = await place.report('sync', '--config', 'broken.yml');
      expect(code).toBe(1);
      expect(jobs.map(({ name, status, error }) => [name, status, error?.code])).toEqual([
        ['federate', 'written', undefined],
        ['blackbox', 'failed', 'document-broken'],
        ['thanos', 'failed', 'zone-missing'],
        ['thanos-sd', 'written', undefined],
        ['thanos-sd', 'failed', 'object-missing'],
      ]);
    });
  },
);

function object(kind: 'ConfigMap' | 'Secret', name: string, data: Record<string, string>) {
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'monitoring' },
    ...(kind === 'Secret' ? { stringData: data } : { data }),
  };
}

function settings(privateZone: string, publicZone: string): string {
  return `jobs:
  - job: federate
    from: [{ zone: '${privateZone}', allowAddresses: true }]
    select: { name: '^(?<clusterID>[^.]+)\\.n(?<n>\\d)\\.p(?<port>\\d+)\\.prometheus\\.internal$' }
    target: '127.0.0.{n}:{port}'
    labels: { clusterID: '{clusterID}' }
    also: [{ targets: ['127.0.0.1:1'], labels: { clusterID: central } }]
    to: { configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml } }
  - name: blackbox
    job: blackbox
    from:
      - { zone: '${privateZone}', select: { name: '\\.prometheus\\.internal$' } }
      - { zone: '${publicZone}', public: true, select: { name: '\\.cloud\\.example\\.com$', setIdentifier: '^(?!.*\\[hibernating\\])' } }
    target: 'https://{host}/api/v4/system/ping'
    labels: {}
    to:
      secret: { namespace: monitoring, name: additional-scrape-configs, key: additional.yaml }
      format: scrape_configs
  - name: thanos
    from: [{ zone: '${privateZone}' }]
    select: { name: '\\.prometheus\\.internal$' }
    target: '{host}:10901'
    to:
      { configMap: { namespace: monitoring, name: thanos-query, key: endpoints.yml }, format: thanos_endpoints, create: true }
  - name: thanos-sd
    from: [{ zone: '${privateZone}', allowAddresses: true }]
    select: { name: '^(?<clusterID>[^.]+)\\.n(?<n>\\d)\\.p(?<port>\\d+)\\.prometheus\\.internal$' }
    target: '127.0.0.{n}:{port}'
    to:
      - { configMap: { namespace: monitoring, name: thanos-query, key: stores.json }, format: file_sd, create: true }
      - { configMap: { namespace: monitoring, name: file-sd, key: targets.yml }, format: file_sd, create: true } # file-sd
`;
}
