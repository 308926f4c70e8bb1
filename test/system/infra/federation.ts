import { join } from 'node:path';
import { createKubeletVolume, type KubeletVolume } from '../../support/parts/kubelet-volume.ts';
import { freePort, until } from '../../support/parts/process.ts';
import { type Prometheus, startPrometheus } from '../../support/parts/prometheus.ts';
import { asText, merge, prometheusConfig, type Values, valuesOf } from './chart.ts';

/** Real servers that run what infra/helm and infra/prometheus say. */

const rules = join(import.meta.dirname, '../../../infra/prometheus');

/** A second in place of half a minute, so that a test need not wait. */
const fast = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };

/** A leaf that scrapes itself (and what else is there), calls itself so, and has leaf-rules.yml. */
export async function startLeaf(
  version: '2' | '3',
  clusterID: string,
  nodes: readonly string[] = [],
): Promise<Prometheus> {
  const values = merge(valuesOf('leaf'), {
    server: { global: { ...fast, external_labels: { clusterID } } },
  });
  const config = prometheusConfig(values);
  config.rule_files = [join(rules, 'leaf-rules.yml')];
  const port = await freePort();
  const targets = [`127.0.0.1:${port}`];
  config.scrape_configs = [
    { job_name: 'prometheus', static_configs: [{ targets }] },
    { job_name: 'node', static_configs: [{ targets: nodes }] },
  ];
  const server = await startPrometheus({ version, config: asText(config), port });
  await until(
    'the first recorded series',
    async () => (await server.query('job:up:sum{job="prometheus"}')).length > 0,
  );
  return server;
}

/** A server with these values whose list is in a volume as a kubelet makes it. */
export async function startFederation(
  version: '2' | '3',
  values: Values,
  list: readonly [name: string, target: Prometheus][],
  label = 'clusterID',
): Promise<Prometheus> {
  const groups = list.map(([name, { address }]) => ({
    targets: [address],
    labels: { [label]: name },
  }));
  const volume: KubeletVolume = createKubeletVolume({ 'targets.yaml': asText(groups) });
  const config = prometheusConfig(merge(values, { server: { global: fast } }));
  config.rule_files = [];
  config.scrape_configs = config.scrape_configs.filter(
    (one: Values) => one.job_name !== 'prometheus',
  );
  const text = asText(config).replaceAll('/etc/federation-targets', volume.folder);
  const server = await startPrometheus({ version, config: text });
  return {
    ...server,
    async stop() {
      await server.stop();
      volume.remove();
    },
  };
}
