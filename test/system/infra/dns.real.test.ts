import { promises as dns } from 'node:dns';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { findNamed } from '../../support/parts/found.ts';
import {
  freePort,
  type Running,
  ready,
  start,
  temporaryFolder,
  until,
} from '../../support/parts/process.ts';

const file = join(import.meta.dirname, '../../../infra/dns/named.conf');

/** One named is the VPC's resolver and has the zone; another runs infra/dns/named.conf in front of it. */
describeWith('named', 'the forwarder of infra/dns', () => {
  const servers: Running[] = [];
  let zoneFile: string;
  let vpc: { port: number; server: Running };

  beforeEach(async () => {
    vpc = await serve((folder, port) => {
      zoneFile = join(folder, 'zone');
      writeZone(1, 'cluster1 IN A 10.1.2.3');
      return `
        options { directory "${folder}"; pid-file none; session-keyfile "${folder}/key";
          listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; };
        zone "prometheus.internal" { type primary; file "${zoneFile}"; };`;
    });
  });
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

  /** With the negative TTL of Route 53's own SOA. */
  const writeZone = (serial: number, ...records: string[]) =>
    writeFileSync(
      zoneFile,
      [
        '$ORIGIN prometheus.internal.',
        `@ 900 IN SOA localhost. nobody.localhost. ${serial} 7200 900 1209600 900`,
        '@ 900 IN NS localhost.',
        ...records,
        '',
      ].join('\n'),
    );

  const serve = async (configuration: (folder: string, port: number) => string) => {
    const folder = temporaryFolder('named');
    const port = await freePort();
    const config = join(folder, 'named.conf');
    writeFileSync(config, `${configuration(folder, port)}\ncontrols { };\n`);
    const server = start(findNamed()!, ['-g', '-n', '1', '-c', config], { folder });
    servers.push(server);
    await ready('named', server, async () =>
      (await resolverOf(port).resolve4('cluster1.prometheus.internal')).includes('10.1.2.3'),
    );
    return { port, server };
  };

  const resolverOf = (port: number) => {
    const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 });
    resolver.setServers([`127.0.0.1:${port}`]);
    return resolver;
  };

  /** named.conf with this machine's addresses and paths, and two seconds for fifteen. */
  const forward = async (alter = (text: string) => text) => {
    const { port } = await serve((folder, port) =>
      alter(readFileSync(file, 'utf8'))
        .replace('"/var/cache/bind"', `"${folder}"; pid-file none; session-keyfile "${folder}/key"`)
        .replace('listen-on { any; }', `listen-on port ${port} { 127.0.0.1; }`)
        .replace('max-ncache-ttl 15', 'max-ncache-ttl 2')
        .replace('forwarders { 10.0.0.2; }', `forwarders { 127.0.0.1 port ${vpc.port}; }`),
    );
    return resolverOf(port);
  };

  const early = 'cluster2.prometheus.internal.';
  /** Queries a name before it exists, and creates it. */
  const askTooEarly = async (resolver: dns.Resolver) => {
    await expect(resolver.resolve4(early)).rejects.toThrow('ENOTFOUND');
    writeZone(2, 'cluster1 IN A 10.1.2.3', 'cluster2 IN A 10.1.2.4');
    await until('the VPC to know it', async () => {
      vpc.server.signal('SIGHUP');
      return (await resolverOf(vpc.port).resolve4(early)).length > 0;
    });
  };

  test('answers the names of the zone, with and without their final dot', async () => {
    const resolver = await forward();
    expect(await resolver.resolve4('cluster1.prometheus.internal.')).toEqual(['10.1.2.3']);
    expect(await resolver.resolve4('cluster1.prometheus.internal')).toEqual(['10.1.2.3']);
  });

  test('soon resolves a name that was queried too early', async () => {
    const resolver = await forward();
    await askTooEarly(resolver);
    await until('the new name', async () => (await resolver.resolve4(early)).includes('10.1.2.4'));
  });

  test("would not for the zone's negative TTL without its own limit", async () => {
    const resolver = await forward((text) => text.replace(/max-ncache-ttl 15;/, ''));
    await askTooEarly(resolver);
    await sleep(3_000);
    await expect(resolver.resolve4(early)).rejects.toThrow('ENOTFOUND');
  });
});
