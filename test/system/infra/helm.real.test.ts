import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { until } from '../../support/parts/process.ts';
import { type Prometheus, promtool, startPrometheus } from '../../support/parts/prometheus.ts';
import {
  asText,
  extraFlags,
  merge,
  prometheusConfig,
  shardValues,
  type Values,
  valuesOf,
} from './chart.ts';
import { startFederation, startLeaf } from './federation.ts';

const lasting = valuesOf('federation-file-sd');
const servers = {
  'federation-file-sd': lasting,
  'federation-patched': valuesOf('federation-patched'),
  'tree-shard 0': shardValues(0),
  'tree-shard 1': shardValues(1),
  'tree-root': merge(lasting, valuesOf('tree-root')),
};

// Concurrently, because each server waits for seconds before it first scrapes.
describe.concurrent('servers', () => {
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

        beforeAll(async () => {
          leaves = await Promise.all(['copied', 'copied'].map((name) => startLeaf(version, name)));
        });
        afterAll(() => Promise.all(leaves.map((server) => server.stop())));

        const clusters = async (values: Values) => {
          const federation = await startFederation(
            version,
            values,
            leaves.map((leaf, at) => [`cluster${at + 1}`, leaf]),
          );
          try {
            // Both scraped, and once more: what collapses has collapsed by then.
            await until('two scrapes of each', async () => {
              const answer = await federation.query(
                'min(count_over_time(up{job="federate"}[1m])) >= 3 and on() (count(up{job="federate"} == 1) == 2)',
              );
              return answer.length > 0;
            });
            const series = await federation.query('job:up:sum{job="prometheus"}');
            return series.map(({ metric }) => metric.clusterID).sort();
          } finally {
            await federation.stop();
          }
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
      shards.push(
        ...(await Promise.all(
          [0, 1].map((index) => startFederation('3', shardValues(index), list)),
        )),
      );
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
});
