import type { Route53Client } from '@aws-sdk/client-route-53';
import { describe, expect, test } from 'vitest';
import { Route53 } from '../../../src/records/route53.ts';

// Answers that the SDK reads without complaint, and that no Route 53 gives: a proxy's page, half an XML.

const signal = new AbortController().signal;
const PRIVATE = { HostedZone: { Name: 'internal.', Config: { PrivateZone: true } } };
const SETS = [{ Name: 'a.internal.', Type: 'A' }];
const LAST = { ResourceRecordSets: SETS, IsTruncated: false };
const next = (name: string) => ({
  ResourceRecordSets: SETS,
  IsTruncated: true,
  NextRecordName: name,
  NextRecordType: 'A',
});

/** A zone that is described by this answer, and listed by these, page by page. */
function zone(looked: object, ...pages: object[]) {
  const sent: { input: object; options: unknown }[] = [];
  const send = async ({ input }: { input: object }, options: unknown) => {
    sent.push({ input, options });
    return 'HostedZoneId' in input ? pages.shift() : looked;
  };
  const route53 = new Route53({ client: async () => ({ send }) as unknown as Route53Client });
  const list = async (suffix?: string) =>
    (await route53.list({ zone: 'Z1' }, suffix, { signal })).recordSets;
  return { route53, sent, list };
}

test.each([
  {},
  { HostedZone: {} },
  { HostedZone: { Name: 'internal.' } },
  { HostedZone: { Name: 'internal.', Config: {} } },
  { HostedZone: { Config: { PrivateZone: true } } },
])('%j describes no zone', async (looked) => {
  await expect(zone(looked, LAST).list()).rejects.toMatchObject({
    code: 'aws-unavailable',
    message: 'the response for zone Z1 is not from Route 53',
  });
});

describe('a page', () => {
  const whole = 'a record set in the response has no name or type';
  test.each<[object, string, string]>([
    [{}, 'aws-unavailable', 'the response for zone Z1 is not a listing'],
    [{ IsTruncated: false }, 'aws-unavailable', 'the response for zone Z1 is not a listing'],
    [{ ResourceRecordSets: SETS }, 'aws-unavailable', 'the response for zone Z1 is not a listing'],
    [{ ...LAST, ResourceRecordSets: [{ Name: 'a.' }] }, 'aws-unavailable', `zone Z1: ${whole}`],
    [{ ...LAST, ResourceRecordSets: [{ Type: 'A' }] }, 'aws-unavailable', `zone Z1: ${whole}`],
    ...[{ NextRecordName: undefined }, { NextRecordType: undefined }].map(
      (less): [object, string, string] => [
        { ...next('b.internal.'), ...less },
        'listing-inconsistent',
        'zone Z1: a truncated page has no next record name',
      ],
    ),
  ])('%j fails the listing, the first and the last', async (page, code, message) => {
    for (const pages of [[page], [next('b.internal.'), page]]) {
      const { list } = zone(PRIVATE, ...pages, LAST);
      await expect(list()).rejects.toMatchObject({ code, message });
    }
  });

  test('that was there before ends a listing in a circle', async () => {
    const pages = [next('b.internal.'), next('c.internal.'), next('b.internal.')];
    const at = '{"StartRecordName":"b.internal.","StartRecordType":"A"}';
    await expect(zone(PRIVATE, ...pages, LAST).list()).rejects.toMatchObject({
      code: 'listing-inconsistent',
      message: `zone Z1: the listing returned to ${at}`,
    });
  });

  test('after the last name of a suffix is not requested', async () => {
    const page = {
      ...next('c.internal.'),
      ResourceRecordSets: [...SETS, { Name: 'b.internal.', Type: 'A' }],
    };
    const { list, sent } = zone(PRIVATE, page, LAST);
    expect(await list('a.internal')).toEqual([{ name: 'a.internal.', type: 'A' }]);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.input).toMatchObject({ StartRecordName: 'a.internal.' });
  });

  test('continues at the next record set, with its identifier where it has one', async () => {
    const page = { ...next('b.internal.'), NextRecordIdentifier: 'blue' };
    const { list, sent } = zone(PRIVATE, page, next('c.internal.'), LAST);
    expect(await list()).toStrictEqual([{ name: 'a.internal.', type: 'A' }]);
    const at = { HostedZoneId: 'Z1', MaxItems: 300 };
    expect(sent.slice(1).map(({ input }) => input)).toStrictEqual([
      at,
      {
        ...at,
        StartRecordName: 'b.internal.',
        StartRecordType: 'A',
        StartRecordIdentifier: 'blue',
      },
      { ...at, StartRecordName: 'c.internal.', StartRecordType: 'A' },
    ]);
  });
});

test('every call knows the end of the run', async () => {
  const { list, sent } = zone(PRIVATE, LAST);
  await list();
  expect(sent.map(({ options }) => options)).toEqual(Array(2).fill({ abortSignal: signal }));
});

test('a zone is described once for each role', async () => {
  const { route53, sent } = zone(PRIVATE);
  for (const roleArn of [undefined, 'arn:aws:iam::111122223333:role/reader', undefined]) {
    await route53.zone({ zone: 'Z1', ...(roleArn && { roleArn }) }, { signal });
  }
  expect(sent).toHaveLength(2);
});

test('a fault says what was tried', async () => {
  const denied = Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: {} });
  const failing = (input: object) => {
    if ('HostedZoneId' in input) throw denied;
    return PRIVATE;
  };
  const client = (send: (input: object) => object) => async () =>
    ({ send: async ({ input }: { input: object }) => send(input) }) as unknown as Route53Client;
  const run = { signal };
  const listing = new Route53({ client: client(failing) }).list({ zone: 'Z1' }, undefined, run);
  await expect(listing).rejects.toThrow(/list zone Z1/);
  const looking = new Route53({
    client: client(() => {
      throw denied;
    }),
  }).zone({ zone: 'Z1' }, run);
  await expect(looking).rejects.toThrow(/look up zone Z1/);
});

describe('the negative TTL', () => {
  const soa = (TTL: number | undefined, Value: string | undefined) => ({
    ResourceRecordSets: [
      { Name: 'internal.', Type: 'NS', TTL: 7 },
      { Name: 'internal.', Type: 'SOA', TTL, ResourceRecords: Value ? [{ Value }] : undefined },
    ],
  });

  test.each([
    ['the last number of the SOA', 900, 'ns. hostmaster. 1 7200 900 1209600 300', 300],
    ["the SOA's own TTL, where that is less", 60, 'ns. hostmaster. 1 7200 900 1209600 300', 60],
    ['unknown without a TTL', undefined, 'ns. hostmaster. 1 7200 900 1209600 300', undefined],
    ['unknown without a value', 900, undefined, undefined],
  ])('is %s', async (_, ttl, value, seconds) => {
    const { route53, sent } = zone(PRIVATE, soa(ttl, value));
    expect(await route53.negativeTtl({ zone: 'Z1' }, 'internal', { signal })).toBe(seconds);
    expect(sent).toEqual([
      {
        input: {
          HostedZoneId: 'Z1',
          MaxItems: 1,
          StartRecordName: 'internal',
          StartRecordType: 'SOA',
        },
        options: { abortSignal: signal },
      },
    ]);
  });

  test('is looked for from the first record set where the name of the zone is unknown', async () => {
    const { route53, sent } = zone(PRIVATE, { ResourceRecordSets: [] });
    expect(await route53.negativeTtl({ zone: 'Z1' }, undefined, { signal })).toBeUndefined();
    expect(sent.map(({ input }) => input)).toEqual([{ HostedZoneId: 'Z1', MaxItems: 1 }]);
  });

  test('fails like a listing', async () => {
    const send = async () => {
      throw Object.assign(new Error('x'), { name: 'NoSuchHostedZone' });
    };
    const broken = new Route53({ client: async () => ({ send }) as unknown as Route53Client });
    await expect(broken.negativeTtl({ zone: 'Z1' }, 'internal', { signal })).rejects.toMatchObject({
      code: 'zone-missing',
      message: 'could not list zone Z1: it does not exist (NoSuchHostedZone)',
    });
  });
});
