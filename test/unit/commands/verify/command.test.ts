import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith, prometheusYml, run, zoneOf } from '../run.ts';

const settings = (place: string) => String.raw`
jobs:
  - job: federate
    from: [{ records: zone.json }]
    select: { name: '\.example\.internal$' }
    target: '{name}:9090'
    to: { ${place} }
`;

test('needs a server or a resolver to ask', async () => {
  const folder = folderWith({ 'federation-sync.yml': settings('file: prometheus.yml') });
  const { code, stderr } = await run(folder, ['verify']);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error: usage: no Prometheus server and no resolver to query\. Use --prometheus URL/,
  );
});

test("asks the server that the settings' place names, and fails where it is not there", async () => {
  const folder = folderWith({
    'federation-sync.yml': settings("file: prometheus.yml, prometheus: 'http://127.0.0.1:1'"),
    'zone.json': zoneOf('a.example.internal. A'),
    'prometheus.yml': prometheusYml(),
  });
  const { code, json, stderr } = await run(folder, ['verify', '--json']);
  expect(code).toBe(1);
  expect(json).toMatchObject({
    agrees: false,
    jobs: [{ name: 'federate', error: { code: 'prometheus-unreachable', retryable: true } }],
  });
  expect(stderr).toMatch(/^error: federate: prometheus-unreachable: http:\/\/127\.0\.0\.1:1: conn/);
});

test('without a server in the settings, only the list is compared', async () => {
  const folder = folderWith({
    'federation-sync.yml': settings(
      "file: stores.yml, format: thanos_endpoints }, { file: prometheus.yml, prometheus: 'http://127.0.0.1:1'",
    ).replace(/to: (.*)/, 'to: [$1]'),
    'zone.json': zoneOf('a.example.internal. A', 'b.example.internal. A'),
    'stores.yml': 'endpoints:\n  - address: a.example.internal.:9090\n',
    'prometheus.yml': prometheusYml(),
  });
  const { code, stdout } = await run(folder, ['verify']);
  expect(code).toBe(1);
  expect(stdout).toMatchInlineSnapshot(`
    "federate  file:stores.yml
      no Thanos Query in the settings (prometheus:): only the list is compared
      listed      a.example.internal.:9090
      not synced  b.example.internal.:9090  not in the list; the next sync adds it
      differs: 1 listed, 1 not synced
    federate  file:prometheus.yml
      unknown: prometheus-unreachable
    "
  `);
});

test('asks the Thanos Query that a place names, and leaves endpoints from elsewhere alone', async () => {
  const stores = {
    sidecar: [
      { name: 'a.example.internal.:9090', lastError: null, labelSets: [] },
      { name: 'b.example.internal.:9090', lastError: 'dial tcp: lookup b: no such host' },
    ],
    store: [{ name: 'gateway:10901', lastError: null }],
  };
  const query = createServer(({ url }, response) => {
    const data = url === '/api/v1/stores' ? stores : { version: '0.43.0' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'success', data }));
  });
  await new Promise<void>((resolve) => query.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void query.close().closeAllConnections());
  const { port } = query.address() as AddressInfo;
  const folder = folderWith({
    'federation-sync.yml': settings(
      `file: stores.yml, format: thanos_endpoints, prometheus: 'http://127.0.0.1:${port}'`,
    ),
    'zone.json': zoneOf('a.example.internal. A', 'b.example.internal. A', 'c.example.internal. A'),
    'stores.yml': `endpoints:
  - address: a.example.internal.:9090
  - address: b.example.internal.:9090
  - address: c.example.internal.:9090
`,
  });
  const { code, stdout } = await run(folder, ['verify']);
  expect(code).toBe(2);
  expect(stdout.replace(String(port), 'PORT')).toMatchInlineSnapshot(`
    "federate  file:stores.yml
      http://127.0.0.1:PORT, Thanos Query 0.43.0
      scraped     a.example.internal.:9090
      down        b.example.internal.:9090  dial tcp: lookup b: no such host
      not loaded  c.example.internal.:9090  Thanos Query has not read it yet (every 5 minutes, --endpoint.sd-config-reload-interval), or has never reached it
      -> b.example.internal.:9090: the name does not resolve (NXDOMAIN): its record is gone, the VPC is not associated with the zone, or a resolver still caches that it was missing
      differs: 1 scraped, 1 down, 1 not loaded
    "
  `);
});
