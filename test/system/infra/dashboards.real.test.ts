import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusters } from '../../../infra/dashboards/clusters.ts';
import { describeWith } from '../../support/parts/available.ts';
import { until } from '../../support/parts/process.ts';
import type { Prometheus } from '../../support/parts/prometheus.ts';
import { valuesOf } from './chart.ts';
import { startFederation, startLeaf } from './federation.ts';
import { expressions } from './panels.ts';

/** What node-exporter and kube-state-metrics say of a cluster of two nodes; the CPUs' seconds pass. */
const exporter = () =>
  [
    ...[0, 1].map((cpu) => `node_cpu_seconds_total{cpu="${cpu}",mode="idle"} ${Date.now() / 2000}`),
    'node_memory_MemAvailable_bytes 3e9',
    'node_memory_MemTotal_bytes 8e9',
    'kube_pod_info{namespace="monitoring",pod="prometheus-server-0",node="a"} 1',
    'kube_pod_info{namespace="monitoring",pod="grafana-0",node="b"} 1',
    '',
  ].join('\n');

describe.each(['2', '3'] as const)('with Prometheus %s', (version) => {
  describeWith(`prometheus-${version}`, 'the dashboard of the clusters', () => {
    let metrics: Server;
    const servers: Prometheus[] = [];
    let federation: Prometheus;

    beforeAll(async () => {
      metrics = createServer((_, response) =>
        response.setHeader('content-type', 'text/plain; version=0.0.4').end(exporter()),
      );
      await new Promise<void>((listening) => metrics.listen(0, '127.0.0.1', listening));
      const { port } = metrics.address() as AddressInfo;
      const names = ['cluster1', 'cluster2'];
      const leaves = await Promise.all(
        names.map((name) => startLeaf(version, name, [`127.0.0.1:${port}`])),
      );
      servers.push(...leaves);
      federation = await startFederation(
        version,
        valuesOf('federation-file-sd'),
        names.map((name, at) => [name, leaves[at]!]),
      );
      servers.push(federation);
      await until(
        'the rates of both clusters',
        async () => (await federation.query('job:node_cpu_used:ratio')).length === 2,
      );
    });
    afterAll(async () => {
      await Promise.all(servers.map((server) => server.stop()));
      metrics.close();
    });

    test.each(expressions(clusters()))('has data for $title', async ({ expression }) => {
      const answer = await federation.query(expression);
      expect(answer.length).toBeGreaterThan(0);
      for (const { value } of answer) expect(Number(value[1])).not.toBeNaN();
    });

    test('offers the clusters in its variable', async () => {
      const url = `${federation.url}/api/v1/label/clusterID/values?match[]=up%7Bjob%3D%22federate%22%7D`;
      const { data } = (await (await fetch(url)).json()) as { data: string[] };
      expect(data).toEqual(['cluster1', 'cluster2']);
    });
  });
});
