import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { likelyCause } from '../../../src/verify/likely-cause.ts';
import { issueServerCertificate } from '../../support/emulators/wire/certificate.ts';
import { describeWith } from '../../support/parts/available.ts';
import { type Named, startNamed } from '../../support/parts/named.ts';
import { onStandardPort, type StandardPort } from '../../support/parts/private-dns.ts';
import { freePort } from '../../support/parts/process.ts';
import { type Prometheus, startPrometheus } from '../../support/parts/prometheus.ts';

/** Scrapes that fail for real, and the cause that verify derives from each error. */
for (const version of ['2', '3'] as const) {
  describeWith([`prometheus-${version}`, 'named'], `causes on Prometheus ${version}`, () => {
    const leaves: Server[] = [];
    let server: Prometheus;
    let named: Named;
    let standard: StandardPort;
    const cases: Record<string, { address: string; scheme?: string; cause: RegExp }> = {};

    async function leaf(listener: RequestListener, tls?: object): Promise<number> {
      const leaf = tls ? createTlsServer(tls, listener) : createServer(listener);
      leaves.push(leaf as Server);
      await new Promise<void>((resolve) => leaf.listen(0, '127.0.0.1', resolve));
      return (leaf.address() as AddressInfo).port;
    }
    const answering = (status: number) =>
      leaf((_, response) =>
        response.writeHead(status, { 'content-type': 'text/plain' }).end('x 1\n'),
      );

    beforeAll(async () => {
      const { server: certificate } = issueServerCertificate();
      const tls = { key: certificate.key, cert: certificate.certificate };
      const https = await leaf((_, response) => response.end('x 1\n'), tls);
      const http = await answering(200);
      const silent = await leaf(() => {});
      Object.assign(cases, {
        nxdomain: { address: 'gone.leaves.internal.:80', cause: /NXDOMAIN/ },
        refused: { address: `127.0.0.1:${await freePort()}`, cause: /nothing listens/ },
        timeout: { address: `127.0.0.1:${silent}`, cause: /no answer in time/ },
        unauthorized: { address: `127.0.0.1:${await answering(401)}`, cause: /401/ },
        forbidden: { address: `127.0.0.1:${await answering(403)}`, cause: /403/ },
        missing: { address: `127.0.0.1:${await answering(404)}`, cause: /metrics_path/ },
        dotted: {
          address: `envoy.leaves.internal.:${await answering(404)}`,
          cause: /use target: '\{host\}'/,
        },
        unready: { address: `127.0.0.1:${await answering(503)}`, cause: /not ready/ },
        authority: {
          address: `127.0.0.1:${https}`,
          scheme: 'https',
          cause: /certificate authority/,
        },
        plain: { address: `127.0.0.1:${http}`, scheme: 'https', cause: /speaks HTTP, not HTTPS/ },
        encrypted: { address: `127.0.0.1:${https}`, cause: /speaks HTTPS, not HTTP/ },
      });
      const jobs = Object.entries(cases).map(
        ([name, { address, scheme = 'http' }]) => `
  - job_name: ${name}
    scheme: ${scheme}
    static_configs: [{ targets: ['${address}'] }]`,
      );
      const config = `
global: { scrape_interval: 1s, scrape_timeout: 500ms }
scrape_configs:${jobs.join('')}
`;
      named = await startNamed({
        zone: 'leaves.internal',
        records: [{ name: 'envoy.leaves.internal', type: 'A', value: '127.0.0.1' }],
      });
      standard = await onStandardPort(named);
      server = await startPrometheus({ version, config, resolver: standard.host });
    });
    afterAll(async () => {
      await server?.stop();
      await standard?.stop();
      await named?.stop();
      for (const leaf of leaves) {
        leaf.closeAllConnections();
        leaf.close();
      }
    });

    test('each failed scrape has its likely cause', async () => {
      const errors = async () => {
        const targets = await server.targets();
        return Object.fromEntries(
          targets.map((it) => [it.discoveredLabels.job ?? '', it.lastError] as const),
        );
      };
      await expect
        .poll(async () => Object.values(await errors()).filter(Boolean).length)
        .toBe(Object.keys(cases).length);
      const seen = await errors();
      for (const [name, { address, cause }] of Object.entries(cases)) {
        expect([name, seen[name], likelyCause(seen[name] ?? '', address)]).toEqual([
          name,
          seen[name],
          expect.stringMatching(cause),
        ]);
      }
    });
  });
}
