import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { until } from '../../support/parts/process.ts';
import { type Prometheus, promtool, startPrometheus } from '../../support/parts/prometheus.ts';
import { asText, extraFlags, merge, prometheusConfig, type Values, valuesOf } from './chart.ts';
import { startFederation, startLeaf } from './federation.ts';

const lasting = valuesOf('federation-file-sd');
const shard = (index: number) => {
  const values = merge(lasting, valuesOf('tree-shard'));
  // The two --set-string of tree-shard.yaml.
  values.server.global.external_labels.shard = String(index);
  values.scrapeConfigs.federate.relabel_configs = structuredClone(
    values.scrapeConfigs.federate.relabel_configs,
  );
  values.scrapeConfigs.federate.relabel_configs[1].regex = String(index);
  return values;
};
const servers = {
  'federation-file-sd': lasting,
  'federation-patched': valuesOf('federation-patched'),
  'tree-shard 0': shard(0),
  'tree-shard 1': shard(1),
  'tree-root': merge(lasting, valuesOf('tree-root')),
};

describe.each(['2', '3'] as const)('with Prometheus %s', (version) => {
  describeWith([`prometheus-${version}`], 'the Helm values', () => {
    test.each(Object.entries(servers))(
      'of %s give a configuration that it takes',
      async (_, values) => {
        const config = prometheusConfig(values);
        // promtool wants the files to be there; what is in them is tested elsewhere.
        delete config.rule_files;
        expect(await promtool(version, 'config', asText(config))).toMatchObject({ ok: true });
        const own = values === servers['tree-root'] ? 'shards' : 'federate';
        expect(config.scrape_configs.map((one: Values) => one.job_name)).toEqual(
          [own, 'prometheus'].sort(),
        );
      },
    );

    describe('where two clusters call themselves the same', () => {
      let leaves: Prometheus[];
      let federation: Prometheus | undefined;

      beforeAll(async () => {
        leaves = [await startLeaf(version, 'copied'), await startLeaf(version, 'copied')];
      });
      afterAll(() => Promise.all([...leaves, federation].map((server) => server?.stop())));

      const clusters = async (values: Values) => {
        await federation?.stop();
        federation = await startFederation(version, values, [
          ['cluster1', leaves[0]!],
          ['cluster2', leaves[1]!],
        ]);
        // Both scraped, and once more: what collapses has collapsed by then.
        await until('two scrapes of each', async () => {
          const answer = await federation!.query(
            'min(count_over_time(up{job="federate"}[1m])) >= 3 and on() (count(up{job="federate"} == 1) == 2)',
          );
          return answer.length > 0;
        });
        const series = await federation.query('job:up:sum{job="prometheus"}');
        return series.map(({ metric }) => metric.clusterID).sort();
      };

      test('keep them apart', async () => {
        expect(await clusters(lasting)).toEqual(['cluster1', 'cluster2']);
      });

      test('would let them collapse into one without their relabelling', async () => {
        const careless = structuredClone(lasting);
        delete careless.scrapeConfigs.federate.relabel_configs;
        delete careless.scrapeConfigs.federate.metric_relabel_configs;
        expect(await clusters(careless)).toEqual(['copied']);
      });
    });
  });
});

describeWith('prometheus-3', 'federation-patched', () => {
  test('loads a changed prometheus.yml by itself', async () => {
    const flags = extraFlags(servers['federation-patched']);
    expect(flags).toContain('--config.auto-reload');
    const server = await startPrometheus({ version: '3', config: 'scrape_configs: []\n', flags });
    try {
      server.rewrite('scrape_configs: [{ job_name: changed }]\n');
      await until('loaded', async () => (await server.loadedConfig()).includes('changed'));
    } finally {
      await server.stop();
    }
  });
});

describeWith('prometheus-3', 'a tree of four leaves, two shards and a root', () => {
  const leaves: Prometheus[] = [];
  const shards: Prometheus[] = [];
  let root: Prometheus;

  beforeAll(async () => {
    const names = ['cluster1', 'cluster2', 'cluster3', 'cluster4'];
    leaves.push(...(await Promise.all(names.map((name) => startLeaf('3', name)))));
    const list = names.map((name, at) => [name, leaves[at]!] as [string, Prometheus]);
    for (const index of [0, 1]) shards.push(await startFederation('3', shard(index), list));
    root = await startFederation(
      '3',
      servers['tree-root'],
      shards.map((server, index) => [`shard-${index}`, server]),
      'shard',
    );
    await until(
      'all four at the root',
      async () => (await root.query('job:up:sum{job="prometheus"}')).length >= 4,
    );
  });
  afterAll(() => Promise.all([...leaves, ...shards, root].map((server) => server?.stop())));

  test("shows every leaf's series at the root once, as its own", async () => {
    const series = await root.query('job:up:sum{job="prometheus"}');
    expect(series.map(({ metric }) => metric.clusterID).sort()).toEqual([
      'cluster1',
      'cluster2',
      'cluster3',
      'cluster4',
    ]);
    for (const { metric } of series) expect(metric.shard).toMatch(/^[01]$/);
  });

  test('gives each shard its own part, and all parts to some shard', async () => {
    const parts = await Promise.all(
      shards.map(async (server) =>
        (await server.targets())
          .filter(({ labels }) => labels.job === 'federate')
          .map(({ labels }) => labels.clusterID),
      ),
    );
    expect(parts.flat().sort()).toEqual(['cluster1', 'cluster2', 'cluster3', 'cluster4']);
    for (const part of parts) expect(part.length).toBeLessThan(4);
  });

  test('tells the root which clusters are up', async () => {
    const up = await root.query('up{job="federate"}');
    expect(up.map(({ metric }) => metric.clusterID).sort()).toHaveLength(4);
    for (const { metric } of up) expect(metric).not.toHaveProperty('federation_clusterID');
  });
});
