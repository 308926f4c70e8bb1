import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../../../support/parts/available.ts';
import { startNamed } from '../../../support/parts/named.ts';
import { freePort, until } from '../../../support/parts/process.ts';
import { type Prometheus, startPrometheus } from '../../../support/parts/prometheus.ts';
import { folderWith, run, zoneOf } from '../run.ts';

/*
 * Names of the zone say the port to scrape on loopback, so that servers need no DNS: p9090.internal becomes
 * 127.0.0.1:9090.
 */
const SETTINGS = String.raw`
jobs:
  - job: federate
    from: [{ records: zone.json, allowAddresses: true }]
    select: { name: '^p(?<port>\d+)\.internal$' }
    target: '127.0.0.1:{port}'
    labels: { clusterID: 'cluster{port}' }
    guard: { maxRemoved: 100% }
    to: TO
`;
const CONFIG = `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: federate
    relabel_configs:
      - { source_labels: [clusterID], regex: DROP, action: drop }
    static_configs: []
`;
const FILE_SD_CONFIG = `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: clusters
    file_sd_configs: [{ files: ['FOLDER/*.yaml'] }]
    relabel_configs:
      - { source_labels: [clusterID], regex: DROP, action: drop }
`;

/** By default targets take effect five seconds after they were discovered. */
const SOON = '--scrape.discovery-reload-interval=100ms';

/** Ports of a server that answers metrics, one that answers 500, one that nobody listens on, and others. */
const ports = { well: 0, broken: 0, closed: 0, dropped: 0, late: 0, gone: 0 };
const leaves = [200, 500].map((status) =>
  createServer((_, response) =>
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4' }).end('fine 1\n'),
  ),
);

beforeAll(async () => {
  for (const leaf of leaves) {
    await new Promise<void>((resolve) => leaf.listen(0, '127.0.0.1', resolve));
  }
  const [well, broken] = leaves.map((leaf) => (leaf.address() as AddressInfo).port);
  Object.assign(ports, { well, broken });
  for (const name of ['closed', 'dropped', 'late', 'gone'] as const) ports[name] = await freePort();
});
afterAll(() => {
  for (const leaf of leaves) leaf.close().closeAllConnections();
});

const zone = (...names: (keyof typeof ports)[]) =>
  JSON.stringify(zoneOf(...names.map((name) => `p${ports[name]}.internal. A`)));

interface Scene {
  readonly folder: string;
  readonly server: Prometheus;
  /** The zone's names from now on. */
  records(...names: (keyof typeof ports)[]): void;
  sync(): Promise<void>;
  /** state and detail of each target, and the exit code, once `settled` says so. */
  verify(settled: (states: States) => boolean): Promise<{ code: number; states: States }>;
}
type States = Record<string, [state: string, detail?: string]>;

async function scene(
  version: '2' | '3',
  to: string,
  config: (folder: string) => string,
): Promise<Scene> {
  const folder = folderWith({ 'federation-sync.yml': SETTINGS.replace('TO', to) });
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, config(folder).replace('DROP', `cluster${ports.dropped}`));
  const server = await startPrometheus({ version, config: { file }, flags: [SOON] });
  onTestFinished(() => server.stop());
  return {
    folder,
    server,
    records: (...names) => writeFileSync(join(folder, 'zone.json'), zone(...names)),
    async sync() {
      const { code, stderr } = await run(folder, ['sync']);
      expect([code, stderr]).toEqual([0, '']);
    },
    verify: (settled) =>
      until('verify', async () => {
        const { code, json } = await run(folder, ['verify', '--json', '--prometheus', server.url]);
        const states: States = Object.fromEntries(
          json.jobs[0].targets.map(
            ({ target, state, detail }: { target: string; state: string; detail?: string }) => {
              const name = Object.entries(ports).find(([, port]) => target.endsWith(`:${port}`));
              return [name?.[0], detail === undefined ? [state] : [state, detail]];
            },
          ),
        );
        return settled(states) ? { code, states } : undefined;
      }),
  };
}

const is = (name: keyof typeof ports, state: string) => (states: States) =>
  states[name]?.[0] === state;

for (const version of ['2', '3'] as const) {
  describeWith(`prometheus-${version}`, `verify on Prometheus ${version}`, () => {
    const inPlace = () => scene(version, '{ file: prometheus.yml }', () => CONFIG);

    test('agrees where all that is wanted is scraped', async () => {
      const { records, sync, server, verify } = await inPlace();
      records('well');
      await sync();
      expect((await server.reload()).status).toBe(200);
      const { code } = await verify(is('well', 'scraped'));
      expect(code).toBe(0);
    });

    test("reports what is down, in Prometheus's own words, and what relabelling drops", async () => {
      const { records, sync, server, verify } = await inPlace();
      records('well', 'broken', 'closed', 'dropped');
      await sync();
      await server.reload();
      const { code, states } = await verify(
        (seen) =>
          is('closed', 'down')(seen) && is('broken', 'down')(seen) && is('well', 'scraped')(seen),
      );
      expect(code).toBe(2);
      expect(states).toEqual({
        well: ['scraped'],
        broken: ['down', 'server returned HTTP status 500 Internal Server Error'],
        closed: ['down', expect.stringContaining('connect: connection refused')],
        dropped: ['dropped'],
      });
    });

    test('reports what a sync has not written yet, and what the server has not loaded yet', async () => {
      const { records, sync, server, verify } = await inPlace();
      records('well', 'gone');
      await sync();
      await server.reload();
      await verify(is('well', 'scraped'));
      records('well', 'late');
      expect((await verify(is('well', 'scraped'))).states).toEqual({
        well: ['scraped'],
        late: ['not-synced'],
        gone: ['unwanted', 'in the list, and loaded'],
      });
      await sync();
      const { code, states } = await verify(is('well', 'scraped'));
      expect(code).toBe(2);
      expect(states).toEqual({
        well: ['scraped'],
        late: ['not-loaded'],
        gone: ['unwanted', 'loaded, but no longer in the list'],
      });
    });

    test('tells that the last reload failed', async () => {
      const { folder, records, sync, server, verify } = await inPlace();
      records('well');
      await sync();
      await server.reload();
      await verify(is('well', 'scraped'));
      const file = join(folder, 'prometheus.yml');
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace('global:', 'nothing_of_prometheus: 1\nglobal:'));
      expect((await server.reload()).status).toBe(500);
      const { code, stdout } = await run(folder, ['verify', '--prometheus', server.url]);
      expect(code).toBe(2);
      expect(stdout).toContain('its last reload FAILED, and it still uses the old one');
    });

    test('follows a list of target groups by the name of its file', async () => {
      const { folder, records, sync, verify } = await scene(
        version,
        '{ file: targets.yaml, format: file_sd, create: true }',
        (at) => FILE_SD_CONFIG.replace('FOLDER', at),
      );
      writeFileSync(join(folder, 'other.yaml'), "- targets: ['127.0.0.1:1']\n");
      records('well', 'closed', 'dropped');
      await sync();
      const { code, states } = await verify(
        (seen) => is('well', 'scraped')(seen) && is('closed', 'down')(seen),
      );
      expect(code).toBe(2);
      expect(states).toEqual({
        well: ['scraped'],
        closed: ['down', expect.stringContaining('refused')],
        dropped: ['dropped'],
      });
      records('well');
      await sync();
      expect((await verify((seen) => Object.keys(seen).length === 1)).code).toBe(0);
    });

    test('prints a table for people', async () => {
      const { folder, records, sync, server, verify } = await inPlace();
      records('well', 'closed');
      await sync();
      await server.reload();
      await verify((seen) => is('well', 'scraped')(seen) && is('closed', 'down')(seen));
      const { stdout } = await run(folder, ['verify', '--prometheus', server.url]);
      const plain = stdout
        .replaceAll(String(ports.well), '<well>')
        .replaceAll(String(ports.closed), '<closed>')
        .replace(/configuration of \S+/, 'configuration of <time>')
        .replace(/ {2,}/g, '  ');
      const lines = plain.trimEnd().split('\n');
      expect(lines.splice(2, 2).sort()).toEqual([
        expect.stringMatching(
          /^ {2}down {2}127\.0\.0\.1:<closed> {2}clusterID=cluster<closed> {2}Get .* refused$/,
        ),
        '  scraped  127.0.0.1:<well>  clusterID=cluster<well>',
      ]);
      expect(lines).toEqual([
        'federate  file:prometheus.yml',
        expect.stringMatching(
          /^ {2}http:\/\/127\.0\.0\.1:\d+, Prometheus [23]\.\S+, configuration of <time>$/,
        ),
        expect.stringMatching(/^ {2}-> 127\.0\.0\.1:<closed>: nothing listens on that port/),
        '  differs: 1 scraped, 1 down',
      ]);
    });
  });
}

describeWith('prometheus-3', 'verify on a Prometheus that keeps few dropped targets', () => {
  test('counts what is missing among the targets as dropped', async () => {
    const { records, sync, server, verify } = await scene('3', '{ file: prometheus.yml }', () =>
      CONFIG.replace('regex: DROP', "regex: '.+'").replace(
        'static_configs',
        'keep_dropped_targets: 1\n    static_configs',
      ),
    );
    records('well', 'late');
    await sync();
    await server.reload();
    const { states } = await verify(
      (seen) => is('well', 'dropped')(seen) && is('late', 'dropped')(seen),
    );
    expect(Object.values(states).map(([, detail]) => detail)).toContain(
      'not among the targets; Prometheus does not keep all dropped targets (keep_dropped_targets)',
    );
  });
});

describeWith('named', 'verify with a resolver', () => {
  const settings = String.raw`
jobs:
  - job: federate
    from: [{ records: zone.json }]
    select: { name: '\.example\.internal$' }
    target: '{name}:9090'
    also:
      - targets: ['prometheus-server.monitoring:80', 'missing.example.internal.:80', '10.0.0.1:80']
    to: { file: prometheus.yml }
`;

  test('resolves every name there, and reports what has no address', async () => {
    const named = await startNamed({
      zone: 'example.internal',
      records: [
        { name: 'four.example.internal', type: 'A', value: '192.0.2.4' },
        { name: 'six.example.internal', type: 'AAAA', value: '2001:db8::6' },
        { name: 'alias.example.internal', type: 'CNAME', value: 'four.example.internal.' },
        { name: 'away.example.internal', type: 'CNAME', value: 'lb.elsewhere.test.' },
        { name: 'text.example.internal', type: 'TXT', value: '"x"' },
      ],
    });
    onTestFinished(() => named.stop());
    const names = ['four', 'six', 'alias', 'away', 'text', 'none'];
    const folder = folderWith({
      'federation-sync.yml': settings,
      'zone.json': zoneOf(...names.map((name) => `${name}.example.internal. A`)),
      'prometheus.yml': 'scrape_configs:\n  - job_name: federate\n    static_configs: []\n',
    });
    expect((await run(folder, ['sync'])).code).toBe(0);
    const { code, json, stdout } = await run(folder, [
      'verify',
      '--json',
      '--resolver',
      named.address,
    ]);
    expect(code).toBe(2);
    const said = json.jobs[0].targets.map(
      ({ target, resolution }: { target: string; resolution?: object }) => [target, resolution],
    );
    expect(Object.fromEntries(said)).toEqual({
      'four.example.internal.:9090': { addresses: ['192.0.2.4'] },
      'six.example.internal.:9090': { addresses: ['2001:db8::6'] },
      'alias.example.internal.:9090': { addresses: ['192.0.2.4'], cname: 'four.example.internal' },
      'away.example.internal.:9090': {
        addresses: [],
        cname: 'lb.elsewhere.test',
        problem: 'no address',
      },
      'text.example.internal.:9090': { addresses: [], problem: 'no address' },
      'none.example.internal.:9090': { addresses: [], problem: 'NXDOMAIN' },
      'missing.example.internal.:80': { addresses: [], problem: 'NXDOMAIN' },
      'prometheus-server.monitoring:80': { addresses: [], problem: 'REFUSED', searched: true },
      '10.0.0.1:80': undefined,
    });
    expect(stdout).not.toContain('undefined');
  });

  test('agrees where all names have addresses, short ones of also aside', async () => {
    const named = await startNamed({
      zone: 'example.internal',
      records: [{ name: 'four.example.internal', type: 'A', value: '192.0.2.4' }],
    });
    onTestFinished(() => named.stop());
    const folder = folderWith({
      'federation-sync.yml': settings.replace("'missing.example.internal.:80', ", ''),
      'zone.json': zoneOf('four.example.internal. A'),
      'prometheus.yml': 'scrape_configs:\n  - job_name: federate\n    static_configs: []\n',
    });
    expect((await run(folder, ['sync'])).code).toBe(0);
    const { code, stdout } = await run(folder, ['verify', '--resolver', named.address]);
    expect(code).toBe(0);
    expect(stdout).toContain('REFUSED (a search list may resolve it)');
  });
});
