import { expect, test } from 'vitest';
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
