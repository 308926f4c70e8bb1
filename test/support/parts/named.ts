import { promises as dns } from 'node:dns';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNamed } from './found.ts';
import { freePort, ready, start, temporaryFolder, until } from './process.ts';

/** A record as Route 53 writes it: names and values with octal escapes, values in the zone's syntax. */
interface ZoneRecord {
  name: string;
  type: string;
  value: string;
  /** Seconds. Default: 1, so that a test sees a change at once. */
  ttl?: number;
}

export interface NamedOptions {
  /** With or without its final dot. */
  zone: string;
  records: ZoneRecord[];
  /** Seconds for which a resolver may remember that a name is not there. Default: 1. */
  negativeTtl?: number;
}

/** BIND serving one private zone on a loopback port, over UDP and TCP. */
export interface Named {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** host:port, as `--resolver` takes it. */
  readonly address: string;
  /** A resolver that asks this server only. */
  resolver(): dns.Resolver;
  /** Replaces the zone's records, and settles when the server answers with the new ones. */
  update(records: ZoneRecord[]): Promise<void>;
  output(): string;
  stop(): Promise<void>;
}

/** Route 53 escapes in octal (`\\052` is `*`), zone files in decimal (RFC 1035, 5.1). */
const decimalEscapes = (text: string) =>
  text.replace(
    /\\([0-7]{3})/g,
    (_, octal: string) => `\\${String(Number.parseInt(octal, 8)).padStart(3, '0')}`,
  );

const absolute = (name: string) => (name.endsWith('.') ? name : `${name}.`);

function zoneFile(options: NamedOptions, serial: number): string {
  const { zone, records, negativeTtl = 1 } = options;
  return [
    '$TTL 1',
    `${absolute(zone)} IN SOA localhost. nobody.localhost. ${serial} 60 60 60 ${negativeTtl}`,
    `${absolute(zone)} IN NS localhost.`,
    ...records.map(({ name, type, value, ttl = 1 }) =>
      [decimalEscapes(absolute(name)), ttl, 'IN', type, decimalEscapes(value)].join(' '),
    ),
    '',
  ].join('\n');
}

function configuration(folder: string, zone: string, port: number): string {
  return `
options {
  directory "${folder}";
  pid-file none;
  session-keyfile "${folder}/session.key";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion no;
  dnssec-validation no;
  notify no;
  allow-transfer { none; };
  max-cache-size 16m;
};
controls { };
zone "${zone.replace(/\.$/, '')}" { type primary; file "${folder}/zone"; check-names ignore; };
`;
}

export async function startNamed(options: NamedOptions): Promise<Named> {
  const program = findNamed();
  if (!program) throw new Error('named is missing: run test/support/parts/prepare.sh');
  const folder = temporaryFolder('named');
  const file = join(folder, 'zone');
  const port = await freePort();
  let serial = 1;
  writeFileSync(file, zoneFile(options, serial));
  writeFileSync(join(folder, 'named.conf'), configuration(folder, options.zone, port));
  const args = ['-g', '-n', '1', '-c', join(folder, 'named.conf')];
  const server = start(program, args, { folder });

  const resolver = () => {
    const one = new dns.Resolver({ timeout: 1_000, tries: 2 });
    one.setServers([`127.0.0.1:${port}`]);
    return one;
  };
  const serves = async () => (await resolver().resolveSoa(options.zone)).serial === serial;
  await ready('named', server, serves);

  return {
    host: '127.0.0.1',
    port,
    address: `127.0.0.1:${port}`,
    resolver,
    async update(records) {
      serial += 1;
      writeFileSync(file, zoneFile({ ...options, records }, serial));
      // named passes over a zone whose file is not newer than what it has loaded, by the second.
      await until(
        `named with serial ${serial}`,
        async () => {
          server.signal('SIGHUP');
          return serves();
        },
        { everyMs: 200, process: server },
      );
    },
    output: () => server.output(),
    stop: () => server.stop(),
  };
}
