import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostOf } from '../../../src/records/name.ts';
import type { RecordSet } from '../../../src/records/record-set.ts';
import { Route53 } from '../../../src/records/route53.ts';

/** A Route 53 to hold to the contract. */
export interface ContractServer {
  readonly endpoint: string;
  stop(): Promise<unknown>;
}

/**
 * Where a server is known to differ from Route 53.
 *
 * moto 5.2: `*` comes back as it was written (Route 53: `\052`); capitals are kept, and sort before small
 * letters; names are sorted without their final dot, so that `prometheus-2.internal` is between
 * `prometheus.internal` and `a.prometheus.internal`; a page that ends inside a weighted pair does not say at
 * which identifier the next one starts, and starts it with the pair again; and nobody is ever denied anything.
 */
export interface Known {
  readonly escapes: boolean;
  readonly foldsCase: boolean;
  readonly continuesByIdentifier: boolean;
  /** What a name is sorted by. */
  readonly order: (name: string) => string;
}

const run = { signal: new AbortController().signal };

export function clientOf(endpoint: string, accessKeyId = 'testing'): Route53Client {
  return new Route53Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: 'testing' },
    maxAttempts: 1,
  });
}

/** Creates record sets, a thousand a call. */
export async function create(
  client: Route53Client,
  zone: string,
  records: readonly ResourceRecordSet[],
): Promise<void> {
  for (let from = 0; from < records.length; from += 500) {
    const Changes = records
      .slice(from, from + 500)
      .map((ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet }));
    await client.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: { Changes } }),
    );
  }
}

/** @returns the zone's id, without `/hostedzone/` */
export async function createZone(
  client: Route53Client,
  Name: string,
  isPrivate = true,
): Promise<string> {
  const { HostedZone } = await client.send(
    new CreateHostedZoneCommand({
      Name,
      CallerReference: `${Name} ${isPrivate}`,
      HostedZoneConfig: { Comment: '', PrivateZone: isPrivate },
      ...(isPrivate && { VPC: { VPCRegion: 'eu-west-1', VPCId: 'vpc-0a1b2c3d' } }),
    }),
  );
  return (HostedZone?.Id ?? '').replace('/hostedzone/', '');
}

const a = (Name: string): ResourceRecordSet => ({
  Name,
  Type: 'A',
  TTL: 60,
  ResourceRecords: [{ Value: '10.0.0.1' }],
});
const weighted = (Name: string, SetIdentifier: string): ResourceRecordSet => ({
  ...a(Name),
  SetIdentifier,
  Weight: 1,
});
const alias = (Name: string): ResourceRecordSet => ({
  Name,
  Type: 'A',
  AliasTarget: {
    HostedZoneId: 'Z32O12XQLNTSW2',
    DNSName: 'internal-prometheus-1.eu-west-1.elb.amazonaws.com.',
    EvaluateTargetHealth: false,
  },
});

/** What our listing of hosted zones promises, of any server that speaks Route 53's API. */
export function listsHostedZones(start: () => Promise<ContractServer>, known: Known): void {
  let server: ContractServer;
  let client: Route53Client;
  let route53: Route53;
  beforeAll(async () => {
    server = await start();
    client = clientOf(server.endpoint);
    route53 = new Route53({ client: async () => client });
  });
  afterAll(() => server?.stop());

  const list = async (zone: string, suffix?: string) =>
    (await route53.list({ zone }, suffix, run)).recordSets;
  const names = (records: readonly RecordSet[]) => records.map(({ name }) => name);

  describe('a zone of several pages', () => {
    // SOA and NS come first, so the pairs lie on both sides of the 300th record set, and of the 600th.
    const pairs = Array.from(
      { length: 350 },
      (_, i) => `w${String(i).padStart(3, '0')}.big.internal.`,
    );
    let zone: string;
    beforeAll(async () => {
      zone = await createZone(client, 'big.internal');
      await create(
        client,
        zone,
        pairs.flatMap((name) => [weighted(name, 'blue'), weighted(name, 'green')]),
      );
      await create(client, zone, [a('a.big.internal.')]);
    });

    test('is listed whole, each weighted record set once', async () => {
      const listed = await list(zone);
      expect(listed).toHaveLength(703);
      expect(new Set(listed.map((it) => JSON.stringify(it))).size).toBe(703);
      expect(listed.filter(({ setIdentifier }) => setIdentifier === 'blue')).toHaveLength(350);
      expect(listed.filter(({ setIdentifier }) => setIdentifier === 'green')).toHaveLength(350);
    });

    test('splits a weighted pair, so that the cursor needs the identifier', async () => {
      const page = await client.send(
        new ListResourceRecordSetsCommand({ HostedZoneId: zone, MaxItems: 300 }),
      );
      expect(page.ResourceRecordSets).toHaveLength(300);
      const last = page.ResourceRecordSets?.at(-1);
      expect(page).toMatchObject({ IsTruncated: true, NextRecordName: last?.Name });
      expect(last?.SetIdentifier).toBe('blue');
      expect(page.NextRecordIdentifier).toBe(known.continuesByIdentifier ? 'green' : undefined);
    });

    test('is listed the same by its own name as a suffix', async () => {
      expect(await list(zone, 'big.internal')).toEqual(await list(zone));
    });
  });

  describe('a zone of all kinds of names', () => {
    const suffix = 'prometheus.internal';
    let zone: string;
    beforeAll(async () => {
      zone = await createZone(client, 'internal');
      await create(client, zone, [
        a('prometheus.internal.'),
        a('b.prometheus.internal.'),
        alias('a.prometheus.internal.'),
        a('x.y.prometheus.internal.'),
        a('*.prometheus.internal.'),
        a('Capital.prometheus.internal.'),
        a('prometheus-2.internal.'),
        a('a.prometheus-2.internal.'),
        a('prometheus2.internal.'),
        a('prometheusx.internal.'),
        a('z.internal.'),
        {
          Name: 'cname-a.prometheus.internal.',
          Type: 'TXT',
          TTL: 60,
          ResourceRecords: [{ Value: '"x"' }],
        },
        {
          Name: 'c.prometheus.internal.',
          Type: 'CNAME',
          TTL: 60,
          ResourceRecords: [{ Value: 'a.example.com' }],
        },
      ]);
    });

    test('gives names and types, of aliases too', async () => {
      const listed = await list(zone);
      expect(listed).toHaveLength(15);
      expect(listed).toContainEqual({ name: 'a.prometheus.internal.', type: 'A' });
      expect(listed).toContainEqual({ name: 'cname-a.prometheus.internal.', type: 'TXT' });
      expect(listed).toContainEqual({ name: 'c.prometheus.internal.', type: 'CNAME' });
      expect(listed.every(({ name }) => name.endsWith('.'))).toBe(true);
    });

    test('gives the same by a suffix as the full listing filtered', async () => {
      const full = await list(zone);
      const inside = full.filter(({ name }) => `.${hostOf(name)}`.endsWith(`.${suffix}`));
      expect(inside).toHaveLength(8);
      expect(await list(zone, suffix)).toEqual(inside);
    });

    test('is sorted by labels reversed', async () => {
      const keys = names(await list(zone)).map(known.order);
      expect(keys).toEqual(keys.toSorted());
    });

    test('gives a wildcard and a name in capitals so that we decode them', async () => {
      const listed = names(await list(zone, suffix));
      const wildcard = known.escapes ? '\\052.prometheus.internal.' : '*.prometheus.internal.';
      expect(listed).toContain(wildcard);
      expect(hostOf(wildcard)).toBe('*.prometheus.internal');
      expect(listed).toContain(
        known.foldsCase ? 'capital.prometheus.internal.' : 'Capital.prometheus.internal.',
      );
    });
  });

  test('a zone that is not there is missing', async () => {
    await expect(list('Z0000000000000')).rejects.toMatchObject({
      code: 'zone-missing',
      message: expect.stringContaining('Z0000000000000'),
    });
  });

  test('a zone that goes between two listings is missing, not empty', async () => {
    const zone = await createZone(client, 'gone.internal');
    expect(await list(zone)).toHaveLength(2);
    await client.send(new DeleteHostedZoneCommand({ Id: zone }));
    await expect(list(zone)).rejects.toMatchObject({ code: 'zone-missing' });
  });

  test('a public zone is refused unless public is set', async () => {
    const zone = await createZone(client, 'example.com', false);
    await expect(list(zone)).rejects.toMatchObject({
      code: 'zone-public',
      message: expect.stringContaining('example.com.'),
    });
    expect((await route53.list({ zone, public: true }, undefined, run)).recordSets).toHaveLength(2);
  });
}
