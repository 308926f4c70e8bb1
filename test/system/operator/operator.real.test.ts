import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { describeWith } from '../../support/parts/available.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { installCrds } from '../../support/parts/operator-crds.ts';
import { until } from '../../support/parts/process.ts';
import { startPrometheus } from '../../support/parts/prometheus.ts';
import { type Operator, startOperator } from '../../support/parts/prometheus-operator.ts';
import { folderWith, run, zoneOf } from '../../unit/commands/run.ts';
import { handOverTests } from './hand-over.ts';

/** From the record to the configuration that the real Prometheus Operator generates, and that Prometheus loads. */

describeWith(
  ['kube-apiserver', 'kubectl', 'prometheus-operator', 'prometheus-3'],
  'the Prometheus Operator',
  () => {
    let kube: KubeApiserver;
    let operator: Operator;

    beforeAll(async () => {
      kube = await startKubeApiserver();
      await installCrds(
        kube,
        ...['prometheuses', 'scrapeconfigs', 'servicemonitors', 'podmonitors', 'probes'],
        'prometheusrules',
      );
      operator = await startOperator(kube);
    }, 60_000);
    afterAll(async () => {
      await operator?.stop();
      await kube?.stop();
    });

    const settings = (namespace: string, more = '') => `
cluster: { kubeconfig: { path: kubeconfig } }
jobs:
  - name: federate
    from: [{ records: zone.json }]
    select: { name: 'internal$' }
    guard: { minTargets: 0 }
    to:
      scrapeConfig: { namespace: ${namespace}, name: federate }
${more}`;

    /** A Prometheus object that selects by label, and the settings' folder. */
    async function scene(more = '', spec: object = {}) {
      const namespace = await kube.namespace();
      await kube.apply({
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'Prometheus',
        metadata: { namespace, name: 'central' },
        spec: { scrapeConfigSelector: { matchLabels: { team: 'metrics' } }, shards: 1, ...spec },
      });
      const at = folderWith({
        kubeconfig: kube.kubeconfig(),
        'zone.json': zoneOf('a.prometheus.internal.'),
        'federation-sync.yml': settings(namespace, more),
        'template.yml': `
apiVersion: monitoring.coreos.com/v1alpha1
kind: ScrapeConfig
metadata:
  labels: { team: metrics }
spec:
  metricsPath: /federate
  honorLabels: true
`,
      });
      return { namespace, at };
    }

    test('generates the list within seconds, and the real Prometheus loads it', async () => {
      const { namespace, at } = await scene();
      await kube.kubectl(
        ['apply', '--server-side', '--field-manager=git', '-n', namespace, '-f', '-'],
        {
          input: JSON.stringify({
            apiVersion: 'monitoring.coreos.com/v1alpha1',
            kind: 'ScrapeConfig',
            metadata: { name: 'federate', labels: { team: 'metrics' } },
            spec: { metricsPath: '/federate' },
          }),
        },
      );
      const first = await run(at, ['sync', '--json']);
      expect([first.code, first.stderr]).toEqual([0, '']);
      expect(first.json.jobs[0]).toMatchObject({
        to: `scrapeconfig/${namespace}/federate`,
        status: 'written',
        added: ['a.prometheus.internal.'],
      });
      const config = await until('the generated list', async () => {
        const text = await operator.generated(namespace, 'central');
        return text?.includes('a.prometheus.internal.') ? text : undefined;
      });
      expect((await run(at, ['sync', '--json'])).json.jobs[0].status).toBe('unchanged');

      const server = await startPrometheus({ version: '3', config });
      onTestFinished(() => server.stop());
      const verified = await run(at, ['verify', '--prometheus', server.url, '--json']);
      expect(verified.json.jobs[0]).toMatchObject({ notLoaded: [], unwanted: [] });
      expect(verified.json.jobs[0].targets).toHaveLength(1);

      writeFileSync(
        join(at, 'zone.json'),
        JSON.stringify(zoneOf('a.prometheus.internal.', 'b.prometheus.internal.')),
      );
      await run(at, ['sync']);
      const written = Date.now();
      const next = await until('the new list', async () => {
        const text = await operator.generated(namespace, 'central');
        return text?.includes('b.prometheus.internal.') ? text : undefined;
      });
      const tookMs = Date.now() - written;
      console.log(`the operator generated the new list ${tookMs} ms after its write`);
      server.rewrite(next);
      expect((await server.reload()).status).toBe(200);
      const again = await run(at, ['verify', '--prometheus', server.url, '--json']);
      expect(again.json.jobs[0]).toMatchObject({ notLoaded: [], unwanted: [] });
      expect(again.json.jobs[0].targets).toHaveLength(2);
      const doctor = await run(at, ['doctor']);
      expect(doctor.stdout).toContain(
        `prometheus/${namespace}/central selects it, as job scrapeConfig/${namespace}/federate`,
      );
    });

    test('accepts the settings and the template of infra/, and Prometheus loads what it generates', async () => {
      const { namespace, at } = await scene();
      const example = (name: string) =>
        readFileSync(join(import.meta.dirname, '../../../infra', name), 'utf8');
      const template = example('scrape-config-template.yml');
      writeFileSync(
        join(at, 'scrape-config-template.yml'),
        template.replace(/labels: \{.*\}/, 'labels: { team: metrics }'),
      );
      writeFileSync(
        join(at, 'federation-sync.yml'),
        example('scrape-config.yml')
          .replace(/eks: .*/, 'kubeconfig: { path: kubeconfig }')
          .replace(/zone: \w+/, 'records: zone.json')
          .replace('namespace: monitoring', `namespace: ${namespace}`),
      );
      expect((await run(at, ['sync', '--json'])).json.jobs[0].status).toBe('written');
      const config = await until('the generated list', async () => {
        const text = await operator.generated(namespace, 'central');
        return text?.includes('a.prometheus.internal') ? text : undefined;
      });
      expect(config).toContain('target_label: federation_clusterID');
      const server = await startPrometheus({ version: '3', config });
      onTestFinished(() => server.stop());
      // Its jobName is the label of the series; the list is still found.
      const verified = await run(at, ['verify', '--prometheus', server.url, '--json']);
      expect(verified.json.jobs[0]).toMatchObject({ notLoaded: [], unwanted: [] });
      expect(verified.json.jobs[0].targets).toHaveLength(1);
    });

    test('selects a ScrapeConfig that is created from its template', async () => {
      const { namespace, at } = await scene('      create: true\n      template: template.yml');
      const { code, json, stderr } = await run(at, ['sync', '--json']);
      expect([code, stderr, json.jobs[0].status]).toEqual([0, '', 'written']);
      const config = await until('the generated list', async () => {
        const text = await operator.generated(namespace, 'central');
        return text?.includes('a.prometheus.internal.') ? text : undefined;
      });
      expect(config).toContain('metrics_path: /federate');
      expect((await run(at, ['sync', '--json'])).json.jobs[0].status).toBe('unchanged');
      // Found, and by its name.
      for (const named of [[], ['--scrapeconfig', 'federate']]) {
        const written = await run(
          at,
          ['init', '-', '--records', 'zone.json', '--namespace', namespace, ...named],
          { KUBECONFIG: join(at, 'kubeconfig') },
        );
        expect([written.code, written.stdout]).toEqual([
          0,
          expect.stringContaining(`scrapeConfig: { namespace: ${namespace}, name: federate }`),
        ]);
      }
    });

    test.each([
      ['the default class', undefined, 'first'],
      ['the class that it names', 'second', 'second'],
      ['a class that is missing', 'third', undefined],
    ])('adds the relabelling that doctor names: of %s', async (_, scrapeClass, added) => {
      const relabelings = (targetLabel: string) => [{ targetLabel, replacement: 'x' }];
      const { namespace, at } = await scene('      create: true\n      template: template.yml', {
        shards: 2,
        enforcedNamespaceLabel: 'tenant',
        scrapeClasses: [
          { name: 'first', default: true, relabelings: relabelings('of_first') },
          { name: 'second', relabelings: relabelings('of_second') },
        ],
      });
      const names = scrapeClass === undefined ? '' : `  scrapeClass: ${scrapeClass}\n`;
      appendFileSync(join(at, 'template.yml'), names);
      await run(at, ['sync']);
      const { stdout } = await run(at, ['doctor']);
      if (added === undefined) {
        expect(stdout).toContain('has no scrape class third: the operator skips it');
        const skipped = new RegExp(`not found in Prometheus scrapeClasses.*${namespace}/federate`);
        await until('its refusal', async () => skipped.test(operator.output()) || undefined);
        return;
      }
      expect(stdout).toContain(
        `; the operator adds the label tenant="${namespace}", hashmod over 2 shards, the relabelings of the scrape class ${added}`,
      );
      const config = await until('the generated list', async () => {
        const text = await operator.generated(namespace, 'central');
        return text?.includes('a.prometheus.internal.') ? text : undefined;
      });
      const [{ relabel_configs, metric_relabel_configs }] = parse(config).scrape_configs;
      const rules: { target_label?: string; modulus?: number }[] = relabel_configs;
      const labels = rules.map(({ target_label }) => target_label);
      expect(labels.filter((label) => label?.startsWith('of_'))).toEqual([`of_${added}`]);
      expect(rules).toContainEqual(expect.objectContaining({ modulus: 2 }));
      expect(metric_relabel_configs).toEqual([{ target_label: 'tenant', replacement: namespace }]);
    });

    handOverTests(() => kube);
  },
);
