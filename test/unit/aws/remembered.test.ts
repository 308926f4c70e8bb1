import {
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { rememberListings } from '../../../src/aws/remembered.ts';
import { type Aws, startAws } from '../../support/emulators/aws.ts';
import type { WireResponse } from '../../support/emulators/wire/server.ts';

const KEY = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };

let aws: Aws;
let zone: string;
let client: Route53Client;
beforeAll(async () => {
  aws = await startAws();
  aws.identity.addKey(KEY);
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.faults.clear();
  zone = aws.route53.createZone({ name: 'internal.' });
  const given = { endpoint: aws.url, region: 'eu-west-1', credentials: KEY, maxAttempts: 1 };
  client = rememberListings(new Route53Client(given));
});

const put = (count: number, of = zone) =>
  aws.route53.upsert(
    of,
    Array.from({ length: count }, (_, i) => ({
      Name: `c${i}.internal.`,
      Type: 'A' as const,
      TTL: 60,
      ResourceRecords: [{ Value: '10.0.0.1' }],
    })),
  );

const list = async (of = zone) =>
  await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: of, MaxItems: 300 }));
const names = async (of = zone) =>
  (await list(of)).ResourceRecordSets?.map(({ Name }) => Name).filter((n) => n?.startsWith('c'));

test('a listing that is as an earlier one was is not parsed again, and says so by the same array', async () => {
  put(2);
  const first = await list();
  const second = await list();
  expect(second.ResourceRecordSets).toBe(first.ResourceRecordSets);
  expect(second).not.toBe(first);
  expect(second.IsTruncated).toBe(false);
  expect(second.$metadata).toMatchObject({ httpStatusCode: 200, attempts: 1 });
  expect(aws.faults.of('ListResourceRecordSets')).toHaveLength(2);
});

test('each change is seen, also one that brings back an earlier state, and zones are not mixed up', async () => {
  const other = aws.route53.createZone({ name: 'internal.' });
  put(1, other);
  for (const count of [1, 2, 3, 2, 1]) {
    zone = aws.route53.createZone({ name: 'internal.' });
    put(count);
    expect(await names()).toHaveLength(count);
    expect(await names(other)).toEqual(['c0.internal.']);
    put(count + 1);
    expect(await names()).toHaveLength(count + 1);
  }
});

test('an error is not treated as a listing, nor kept', async () => {
  put(1);
  await list();
  aws.faults.on({ operation: 'ListResourceRecordSets' }, { refuse: { status: 403 } });
  await expect(list()).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  aws.faults.clear();
  const change = (response: WireResponse) => ({ ...response, status: 503 });
  aws.faults.on({ operation: 'ListResourceRecordSets' }, { change });
  // The body is that of the listing.
  await expect(list()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
  aws.faults.clear();
  expect(await names()).toEqual(['c0.internal.']);
});

test('other operations are parsed each time', async () => {
  const command = () => client.send(new GetHostedZoneCommand({ Id: zone }));
  const first = await command();
  expect((await command()).HostedZone).not.toBe(first.HostedZone);
  expect((await command()).HostedZone).toEqual(first.HostedZone);
});

test('listings are kept up to a limit, the latest ones', async () => {
  const zones = Array.from({ length: 12 }, () => aws.route53.createZone({ name: 'internal.' }));
  // Some 37 kB each.
  for (const id of zones) put(150 + zones.indexOf(id), id);
  const before = [];
  for (const id of zones) before.push(await list(id));
  const same = [];
  for (const id of zones.toReversed()) {
    const { ResourceRecordSets } = await list(id);
    same.unshift(before[zones.indexOf(id)]?.ResourceRecordSets === ResourceRecordSets);
  }
  const kept = same.filter(Boolean).length;
  expect(kept).toBeGreaterThan(2);
  expect(kept).toBeLessThan(12);
  expect(same).toEqual([...Array(12 - kept).fill(false), ...Array(kept).fill(true)]);
});

test('a listing that is too large is not kept, and keeps the others', async () => {
  const large = aws.route53.createZone({ name: 'internal.' });
  aws.route53.upsert(
    large,
    Array.from({ length: 290 }, (_, i) => ({
      Name: `c${i}.internal.`,
      Type: 'TXT' as const,
      TTL: 60,
      ResourceRecords: Array.from({ length: 5 }, (_, n) => ({ Value: `"${n}${'x'.repeat(200)}"` })),
    })),
  );
  put(1);
  const small = await list();
  const first = await list(large);
  const second = await list(large);
  expect(first.ResourceRecordSets?.length).toBeGreaterThan(280);
  expect(second.ResourceRecordSets).toEqual(first.ResourceRecordSets);
  expect(second.ResourceRecordSets).not.toBe(first.ResourceRecordSets);
  expect((await list()).ResourceRecordSets).toBe(small.ResourceRecordSets);
});
