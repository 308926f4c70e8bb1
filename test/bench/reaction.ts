import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { changeEvent } from '../demo/events.ts';
import { findPrometheus, type PrometheusMajor } from '../support/parts/found.ts';
import { createKubeletVolume } from '../support/parts/kubelet-volume.ts';
import { until } from '../support/parts/process.ts';
import { type Prometheus, startPrometheus } from '../support/parts/prometheus.ts';
import { deployed } from './bundles.ts';
import { startContainer } from './container.ts';
import { median, type Section } from './figures.ts';
import { startWorld } from './world.ts';

type Format = 'static_configs' | 'file_sd';

/**
 * From the event handed to the function to the new target's first sample in a real Prometheus. The ConfigMap
 * reaches the server's volume at once: a kubelet's own lag, a minute or two, comes on top.
 */
export async function reaction(runs: number): Promise<Section | string> {
  const major = (['3', '2'] as const).find((it) => findPrometheus(it));
  if (!major)
    return 'Reaction: skipped, Prometheus is missing (test/support/parts/prepare.sh provides it)';
  const rows: [string, number, number][] = [];
  for (const format of ['file_sd', 'static_configs'] as const) {
    const seconds = await reactions(major, format, runs);
    rows.push([
      format === 'file_sd' ? 'file_sd' : 'static_configs, with a reload',
      median(seconds),
      Math.max(...seconds),
    ]);
  }
  return {
    table: {
      title: `Reaction: event to the new target's first sample, Prometheus ${findPrometheus(major)?.version}, scraping every second, ${runs} runs`,
      columns: ['', 'seconds', 'slowest'],
      rows,
      notes: [
        'The kubelet’s lag (a minute or two) is not in it, nor the queue’s batch window. Prometheus itself looks at discovered targets every five seconds.',
      ],
    },
    figures: rows.map(([name, seconds], i) => ({
      id: `reaction.${i === 0 ? 'fileSd' : 'staticConfigs'}`,
      what: `Reaction, ${name}: event to first sample`,
      value: seconds,
      unit: 's',
    })),
  };
}

async function reactions(
  version: PrometheusMajor,
  format: Format,
  runs: number,
): Promise<number[]> {
  const config = prometheusConfig(format);
  const world = await startWorld({
    clusters: 0,
    records: 100,
    // The port is in the record's name, so that a target needs no DNS.
    pattern: '^(?<clusterID>r[0-9]+)-(?<port>[0-9]+)\\.prometheus\\.internal$',
    target: '127.0.0.1:{port}',
    format,
    ...(format === 'static_configs' && { text: config }),
  });
  const key = format === 'file_sd' ? 'targets.yml' : 'prometheus.yml';
  const volume = createKubeletVolume({ 'prometheus.yml': config, [key]: world.document() });
  const container = await startContainer({
    folder: deployed(undefined, world.settings),
    env: world.env,
  });
  const clusters: Server[] = [];
  /** One more cluster's Prometheus; answers its port. */
  const cluster = async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end('bench_metric 1\n');
    });
    clusters.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  let prometheus: Prometheus | undefined;
  try {
    await container.invoke({});
    prometheus = await startPrometheus({
      version,
      config: { file: volume.path('prometheus.yml') },
    });
    const server = prometheus;
    const seconds: number[] = [];
    for (let run = 1; run <= runs; run++) {
      world.register(`r${run}-${await cluster()}`);
      const begun = performance.now();
      await container.invoke(changeEvent());
      volume.update({ 'prometheus.yml': config, [key]: world.document() });
      if (format === 'static_configs') await server.reload();
      await until(
        `a sample of r${run}`,
        async () => (await server.query(`bench_metric{clusterID="r${run}"}`)).length > 0,
        { everyMs: 20 },
      );
      seconds.push((performance.now() - begun) / 1000);
    }
    return seconds;
  } finally {
    container.stop();
    await prometheus?.stop();
    await world.close();
    volume.remove();
    for (const server of clusters) server.close();
  }
}

function prometheusConfig(format: Format): string {
  return `global:
  scrape_interval: 1s
scrape_configs:
  - job_name: federate
${format === 'file_sd' ? '    file_sd_configs:\n      - files: [targets.yml]\n' : '    static_configs: []\n'}`;
}
