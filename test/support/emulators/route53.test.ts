import {
  ChangeResourceRecordSetsCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Aws, startAws } from './aws.ts';
import { listingContract } from './listing-contract.ts';
import { a, alias, cname, createZone, listAll, manyCnames, weighted } from './record-sets.ts';

let aws: Aws;
let client: Route53Client;

beforeAll(async () => {
  aws = await startAws();
  aws.identity.addKey({ accessKeyId: 'AKIATESTER', secretAccessKey: 'secret' });
  client = new Route53Client({
    endpoint: aws.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIATESTER', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
});
afterAll(() => aws.close());

const change = (
  zone: string,
  ...changes: [action: 'CREATE' | 'UPSERT' | 'DELETE', record: ResourceRecordSet][]
) =>
  client.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zone,
      ChangeBatch: {
        Changes: changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet })),
      },
    }),
  );

describe('the emulated Route 53 keeps the listing contract', () => {
  listingContract(() => client);
});

test('a page has at most 300, whatever MaxItems is', async () => {
  const zone = aws.route53.createZone({ name: 'capped.internal' });
  aws.route53.upsert(zone, manyCnames(400, 'capped.internal'));
  expect((await listAll(client, zone, { MaxItems: 1000 })).pages).toEqual([300, 102]);
});

test('10,000 record sets are listed in 34 pages', async () => {
  const zone = aws.route53.createZone({ name: 'large.internal' });
  const records = manyCnames(9_998, 'large.internal');
  aws.route53.upsert(zone, records.toReversed());
  const { records: found, pages } = await listAll(client, zone, { MaxItems: 300 });
  expect(pages).toHaveLength(34);
  expect(found.slice(2).map(({ Name }) => Name)).toEqual(records.map(({ Name }) => `${Name}.`));
});

test.for([
  ['*.x.internal', '\\052.x.internal.'],
  ['\\052.x.internal.', '\\052.x.internal.'],
  ['UPPER.x.internal', 'upper.x.internal.'],
  ['\\101.x.internal', 'a.x.internal.'],
  ['_srv-1.x.internal', '_srv-1.x.internal.'],
  ['a b.x.internal', 'a\\040b.x.internal.'],
  ['a\\056b.x.internal', 'a\\056b.x.internal.'],
  ['ü.x.internal', '\\303\\274.x.internal.'],
  ["'quote<&>.x.internal", '\\047quote\\074\\046\\076.x.internal.'],
])('a record set named %s is listed as %s', async ([given, listed]) => {
  const zone = aws.route53.createZone({ name: 'x.internal' });
  aws.route53.upsert(zone, [a(given as string)]);
  const { records } = await listAll(client, zone);
  expect(records.map(({ Name }) => Name)).toContain(listed);
});

test('GetHostedZone tells private zones, with their VPCs, from public ones', async () => {
  const inside = aws.route53.createZone({ id: 'ZPRIVATE', name: 'example.com' });
  const outside = aws.route53.createZone({ name: 'example.com', private: false });
  aws.route53.upsert(inside, [cname('x.example.com')]);
  const hidden = await client.send(new GetHostedZoneCommand({ Id: '/hostedzone/ZPRIVATE' }));
  expect(hidden).toMatchObject({
    HostedZone: {
      Id: '/hostedzone/ZPRIVATE',
      Name: 'example.com.',
      Config: { PrivateZone: true },
      ResourceRecordSetCount: 3,
    },
    VPCs: [{ VPCRegion: 'eu-west-1' }],
  });
  const open = await client.send(new GetHostedZoneCommand({ Id: outside }));
  expect(open.HostedZone?.Config?.PrivateZone).toBe(false);
  expect(open.DelegationSet?.NameServers).toHaveLength(4);
});

test('zones are listed, by name too, page after page', async () => {
  const ids = ['b.listed.internal', 'a.listed.internal'].map((name) =>
    aws.route53.createZone({ name }),
  );
  const all = await client.send(new ListHostedZonesCommand({}));
  expect(all.HostedZones?.map(({ Id }) => Id)).toEqual(
    expect.arrayContaining(ids.map((id) => `/hostedzone/${id}`)),
  );
  const page = await client.send(
    new ListHostedZonesByNameCommand({ DNSName: 'a.listed.internal', MaxItems: 1 }),
  );
  expect(page.HostedZones?.map(({ Name }) => Name)).toEqual(['a.listed.internal.']);
  expect(page).toMatchObject({ IsTruncated: true, NextDNSName: 'b.listed.internal.' });
});

describe('ChangeResourceRecordSets', () => {
  test('takes what a listing gives', async () => {
    const records = [
      a('*.x.internal'),
      cname('failover.x.internal', 'one.', { SetIdentifier: '1', Failover: 'PRIMARY' }),
      cname('geo.x.internal', 'one.', {
        SetIdentifier: 'de',
        GeoLocation: { CountryCode: 'DE' },
        HealthCheckId: 'abcdef11-2222-3333-4444-555555fedcba',
      }),
      weighted('w.x.internal', 'blue'),
      alias('z.x.internal', 'elb.amazonaws.com.'),
    ];
    const zone = await createZone(client, 'x.internal', records);
    const { records: listed } = await listAll(client, zone);
    const copy = await createZone(client, 'x.internal', listed.slice(2) as typeof records);
    expect((await listAll(client, copy)).records).toEqual(listed);
  });

  test('changes all or nothing', async () => {
    const zone = await createZone(client, 'x.internal', [cname('old.x.internal')]);
    await expect(
      change(
        zone,
        ['CREATE', cname('new.x.internal')],
        ['CREATE', cname('old.x.internal')],
        ['DELETE', cname('gone.x.internal')],
      ),
    ).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message:
        "[Tried to create resource record set [name='old.x.internal.', type='CNAME'] but it already exists, Tried to delete resource record set [name='gone.x.internal.', type='CNAME'] but it was not found]",
    });
    expect(aws.route53.records(zone).map(({ Name }) => Name)).not.toContain('new.x.internal.');
  });

  test.for<[why: string, records: ResourceRecordSet[], message: RegExp]>([
    ['of another zone', [a('x.example.com')], /is not permitted in zone x\.internal/],
    ['CNAME at the apex', [cname('x.internal')], /is not permitted at apex/],
    ['CNAME next to A', [a('b.x.internal'), cname('b.x.internal')], /conflicts with other records/],
    [
      'A next to CNAME',
      [cname('b.x.internal'), a('b.x.internal')],
      /conflicting RRSet of type CNAME/,
    ],
    ['A that is not an address', [a('b.x.internal', 'nonsense')], /not a valid IPv4 address/],
    [
      'simple next to weighted',
      [weighted('w.x.internal', 'blue'), cname('w.x.internal')],
      /a weight RRSet with the same name and type already exists/,
    ],
  ])('refuses a record set %s', async ([, records, message]) => {
    const zone = await createZone(client, 'x.internal', []);
    const creations = records.map((record) => ['CREATE', record] as ['CREATE', ResourceRecordSet]);
    await expect(change(zone, ...creations)).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message: expect.stringMatching(message),
    });
  });

  test('refuses a record set with neither records nor alias target as InvalidInput', async () => {
    const zone = await createZone(client, 'x.internal', []);
    await expect(
      change(zone, ['CREATE', { Name: 'n.x.internal', Type: 'A' }]),
    ).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  test('deletes only what was given exactly', async () => {
    const zone = await createZone(client, 'x.internal', [a('b.x.internal', '10.0.0.1')]);
    await expect(change(zone, ['DELETE', a('b.x.internal', '10.0.0.2')])).rejects.toThrow(
      /values provided do not match/,
    );
    await change(zone, ['DELETE', a('B.x.internal.', '10.0.0.1')]);
    expect(aws.route53.records(zone)).toHaveLength(2);
  });

  test('keeps the SOA and NS records of the apex', async () => {
    const zone = await createZone(client, 'x.internal', []);
    const [ns] = aws.route53.records(zone);
    await expect(change(zone, ['DELETE', ns as ResourceRecordSet])).rejects.toThrow(
      /at least one NS record/,
    );
  });
});
