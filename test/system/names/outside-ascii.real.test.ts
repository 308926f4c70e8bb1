import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { type Named, startNamed } from '../../support/parts/named.ts';
import { onStandardPort, type StandardPort } from '../../support/parts/private-dns.ts';
import { until } from '../../support/parts/process.ts';
import { type Prometheus, promtool, startPrometheus } from '../../support/parts/prometheus.ts';
import { workplace, zonesAt } from '../every-list/product.ts';

/*
 * A name outside ASCII, from the zone to the dial: Route 53 stores octets and returns them in octal, and Prometheus
 * accepts the text, but dials its form in ASCII, which is another name.
 */

const OCTETS = 'm\\303\\274nchen.prometheus.internal';
const TEXT = 'münchen.prometheus.internal';
const ASCII = 'xn--mnchen-3ya.prometheus.internal';

describeWith(['moto', 'named', 'private-dns', 'prometheus-2', 'prometheus-3'], TEXT, () => {
  let moto: Moto;
  let dns: Named;
  let standard: StandardPort;
  let leaf: Prometheus;
  beforeAll(async () => {
    const record = { name: OCTETS, type: 'A', value: '127.0.0.1' };
    [moto, dns, leaf] = await Promise.all([
      startMoto(),
      startNamed({ zone: 'prometheus.internal', records: [record] }),
      startPrometheus({ version: '3', config: 'global: { scrape_interval: 1s }\n' }),
    ]);
    standard = await onStandardPort(dns);
  });
  afterAll(() => Promise.all([moto?.stop(), standard?.stop(), dns?.stop(), leaf?.stop()]));

  const listening = (version: '2' | '3', target: string) =>
    startPrometheus({
      version,
      resolver: standard.host,
      config: `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: federate
    static_configs: [{ targets: ['${target}:${leaf.port}'] }]
`,
    });

  test('is in the DNS as octets, which its form in ASCII does not find', async () => {
    expect(await answersFor(TEXT, dns.port)).toBe(1);
    expect(await answersFor(ASCII, dns.port)).toBe(0);
    await expect(dns.resolver().resolve4(ASCII)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('is skipped, with the name that Prometheus would look up; that one is a target', async () => {
    const zones = zonesAt(moto.endpoint);
    const zone = await zones.create('prometheus.internal', { private: true });
    await zones.upsert(zone, { name: OCTETS }, { name: ASCII });
    const place = workplace(moto.env);
    place.write('targets.yml', '[]\n');
    place.write(
      'federation-sync.yml',
      `jobs:
  - name: federate
    from: [{ zone: ${zone} }]
    select: { name: '\\.prometheus\\.internal$' }
    to: { file: targets.yml, format: file_sd }
`,
    );
    const { jobs } = await place.report('sync');
    expect(jobs).toMatchObject([
      {
        status: 'written',
        added: [`${ASCII}.`],
        skipped: [
          {
            record: `${OCTETS}.`,
            code: 'bad-name',
            reason: `for ${TEXT}, Prometheus looks up ${ASCII}: register that name`,
          },
        ],
      },
    ]);
    for (const name of [TEXT, `${OCTETS}.`]) {
      const { stdout } = await place.run('explain', name);
      expect(stdout).toContain(`${OCTETS}. (${TEXT}) CNAME  skipped: bad-name, for ${TEXT}`);
    }
  });

  test.each(['2', '3'] as const)(
    'is accepted by Prometheus %s, which then dials another name',
    async (version) => {
      const config = `scrape_configs: [{ job_name: a, static_configs: [{ targets: ['${TEXT}:80'] }] }]\n`;
      expect(await promtool(version, 'config', config)).toMatchObject({ ok: true });
      const server = await listening(version, TEXT);
      try {
        await until('the scrape fails', async () => (await server.targets())[0]?.health === 'down');
        const [target] = await server.targets();
        expect(target?.lastError).toContain(`lookup ${ASCII}`);
        await dns.update([{ name: ASCII, type: 'A', value: '127.0.0.1' }]);
        await until(
          'its form in ASCII is dialled',
          async () => (await server.targets())[0]?.health === 'up',
        );
      } finally {
        await server.stop();
        await dns.update([{ name: OCTETS, type: 'A', value: '127.0.0.1' }]);
      }
    },
  );
});

/** How many records a server has for the octets of this name: resolvers of Node.js refuse to send them (RFC 1035, 4.1). */
async function answersFor(name: string, port: number): Promise<number> {
  const header = Buffer.from('000100000001000000000000', 'hex');
  const labels = name.split('.').map((label) => Buffer.from(label));
  const octets = labels.flatMap((label) => [Buffer.from([label.length]), label]);
  const query = Buffer.concat([header, ...octets, Buffer.from('0000010001', 'hex')]);
  const socket = createSocket('udp4');
  socket.send(query, port, '127.0.0.1');
  const [answer] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return answer.readUInt16BE(6);
}
