import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeWith } from '../../support/parts/available.ts';
import { until } from '../../support/parts/process.ts';
import { type Prometheus, startPrometheus } from '../../support/parts/prometheus.ts';

/*
 * Three clusters whose external_labels were copied: all call themselves `copied`. To the first two we give a
 * clusterID, to the third (`labels: {}` in the settings) none. A federation server that scrapes them by several
 * configurations shows what happens to clusterID, and of the job that a series had at home.
 */

const leafConfig = `
global: { evaluation_interval: 1s, external_labels: { clusterID: copied } }
rule_files: [rules.yml]
`;
const rules = (nodes: number) =>
  `groups: [{ name: cluster, rules: [{ record: 'job:nodes:count', expr: vector(${nodes}), labels: { job: nodes } }] }]`;

const helm = (file: string): object => {
  const path = join(import.meta.dirname, '../../../infra/helm', file);
  const { scrapeConfigs } = parse(readFileSync(path, 'utf8')) as {
    scrapeConfigs: { federate: object };
  };
  // As the chart does it; where the list comes from is not the question here.
  return { ...scrapeConfigs.federate, file_sd_configs: [] };
};

const federate = { metrics_path: '/federate', params: { 'match[]': ['{__name__=~"job:.*"}'] } };
const configurations = {
  honored: { ...federate, honor_labels: true },
  dishonored: { ...federate, honor_labels: false },
  'federation-file-sd': helm('federation-file-sd.yaml'),
  'federation-patched': helm('federation-patched.yaml'),
};
type Configuration = keyof typeof configurations;

/** As the product writes it: one group a cluster. `configuration` keeps the series of the four apart. */
function scrapeConfig(configuration: Configuration, leaves: readonly Prometheus[]): object {
  const groups = leaves.map(({ address }, i) => ({
    targets: [address],
    labels: { ...(i < 2 && { clusterID: `cluster${i + 1}` }), configuration },
  }));
  const job_name = `federate-${configuration}`;
  return { ...configurations[configuration], job_name, static_configs: groups };
}

describe.each(['2', '3'] as const)('version %s', (version) => {
  describeWith(`prometheus-${version}`, 'keeps clusterID ours', () => {
    let leaves: Prometheus[];
    let server: Prometheus;
    const all = Object.keys(configurations) as Configuration[];

    beforeAll(async () => {
      leaves = await Promise.all(
        [11, 22, 33].map((nodes) =>
          startPrometheus({ version, config: leafConfig, files: { 'rules.yml': rules(nodes) } }),
        ),
      );
      const config = JSON.stringify({
        global: { scrape_interval: '1s' },
        scrape_configs: all.map((configuration) => scrapeConfig(configuration, leaves)),
      });
      server = await startPrometheus({ version, config });
      const scraped = async () =>
        (await server.query('scrape_samples_scraped > 0')).length === all.length * leaves.length;
      await until('every target scraped', scraped);
    });
    afterAll(async () => {
      await server?.stop();
      for (const leaf of leaves ?? []) await leaf.stop();
    });

    /** Each series' labels, except for those that identify it, and its value. */
    async function series(configuration: Configuration): Promise<object[]> {
      const found = await server.query(`job:nodes:count{configuration="${configuration}"}`);
      return found
        .map(({ metric: { __name__, configuration: _, instance, ...labels }, value }) => ({
          ...labels,
          nodes: Number(value[1]),
        }))
        .sort((a, b) => a.nodes - b.nodes);
    }

    test.each(['federation-file-sd', 'federation-patched'] as const)(
      'by infra/helm/%s.yaml, and job what it was',
      async (configuration) => {
        expect(await series(configuration)).toEqual([
          { clusterID: 'cluster1', job: 'nodes', nodes: 11 },
          { clusterID: 'cluster2', job: 'nodes', nodes: 22 },
          { clusterID: 'copied', job: 'nodes', nodes: 33 },
        ]);
      },
    );

    test('honor_labels alone lets theirs win, and all collapse into one', async () => {
      expect(await series('honored')).toEqual([
        { clusterID: 'copied', job: 'nodes', nodes: expect.any(Number) },
      ]);
    });

    test('without honor_labels ours wins too, but job is lost', async () => {
      const theirs = { exported_clusterID: 'copied', exported_job: 'nodes' };
      const job = 'federate-dishonored';
      expect(await series('dishonored')).toEqual([
        { clusterID: 'cluster1', job, nodes: 11, ...theirs },
        { clusterID: 'cluster2', job, nodes: 22, ...theirs },
        { clusterID: 'copied', job, nodes: 33, exported_job: 'nodes' },
      ]);
    });
  });
});
