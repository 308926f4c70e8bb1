import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { until } from '../../support/parts/process.ts';
import { type Prometheus, startPrometheus } from '../../support/parts/prometheus.ts';

/* What infra/guides/servers.md and troubleshooting.md say of samples that bring their own timestamps, as those of /federate do. */

const federate = { honor_labels: true, metrics_path: '/federate' };

let started: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of started) await one.close();
  started = [];
});

/**
 * A server that answers with the next of these ages (ms) of its sample, and labels, in turn. Like /federate, it gives
 * a series without instance an empty one, so that the scraping server adds none.
 */
async function leaf(...answers: { age: number; labels?: string }[]): Promise<string> {
  let next = 0;
  const server: Server = createServer((_, response) => {
    const { age, labels = '' } = answers[next++ % answers.length]!;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`job:nodes:count{clusterID="a",instance=""${labels}} 1 ${Date.now() - age}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  started.push(server);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function federation(scrape_configs: object[]): Promise<Prometheus> {
  const config = JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs });
  const server = await startPrometheus({ version: '3', config });
  started.push({ close: () => server.stop() });
  return server;
}

const OUT_OF_ORDER = /^prometheus_target_scrapes_sample_out_of_order_total (\d+)/m;

/** How many samples were rejected within some scrapes of these targets, and how many series there are. */
async function scraped(targets: string[]): Promise<{ rejected: number; series: number }> {
  const job = { job_name: 'federate', ...federate, static_configs: [{ targets }] };
  const server = await federation([job]);
  await until('five scrapes of each', async () => {
    const [least] = await server.query('min(count_over_time(up[1m]))');
    return Number(least?.value[1]) >= 5;
  });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const series = (await server.query('job:nodes:count')).length;
  return { rejected: Number(OUT_OF_ORDER.exec(metrics)?.[1]), series };
}

describeWith(['prometheus-3'], 'two servers of one cluster', () => {
  test('behind one name lose the samples of the older one', async () => {
    const both = await scraped([await leaf({ age: 0 }, { age: 5000 })]);
    expect(both.series).toBe(1);
    expect(both.rejected).toBeGreaterThan(0);
  });

  test('with two names but the same external labels, too', async () => {
    const both = await scraped([await leaf({ age: 0 }), await leaf({ age: 5000 })]);
    expect(both.series).toBe(1);
    expect(both.rejected).toBeGreaterThan(0);
  });

  test('with two names, and an external label of each, lose none', async () => {
    const labels = [',replica="0"', ',replica="1"'];
    const first = await leaf({ age: 0, labels: labels[0]! });
    const second = await leaf({ age: 5000, labels: labels[1]! });
    expect(await scraped([first, second])).toEqual({ rejected: 0, series: 2 });
  });
});

describeWith(['prometheus-3'], 'the series of a removed target', () => {
  test('end at once with track_timestamps_staleness, else after the lookback period', async () => {
    const targets = [await leaf({ age: 0 })];
    const jobs = (target: string[]) =>
      [true, false].map((track_timestamps_staleness) => ({
        ...{ job_name: `tracked-${track_timestamps_staleness}`, ...federate },
        track_timestamps_staleness,
        static_configs: target.map((one) => ({
          targets: [one],
          labels: { tracked: String(track_timestamps_staleness) },
        })),
      }));
    const server = await federation(jobs(targets));
    const tracked = async () =>
      (await server.query('job:nodes:count')).map(({ metric }) => metric.tracked).sort();
    await until('both scraped', async () => (await tracked()).length === 2);

    server.rewrite(JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: jobs([]) }));
    expect((await server.reload()).status).toBe(200);
    await until('one ended', async () => (await tracked()).length === 1);
    expect(await tracked()).toEqual(['false']);
  });
});
