import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostOf } from '../../../src/records/name.ts';
import { Route53 } from '../../../src/records/route53.ts';
import { suffixOf } from '../../../src/records/suffix.ts';
import { motoOrder, type Order, type PagedRecord, pagedZone, route53Order } from './paged-zone.ts';

const run = { signal: new AbortController().signal };

const orders: [string, Order][] = [
  ["Route 53's order", route53Order],
  ["moto's order", motoOrder],
];

/** Names in and around `prometheus.internal`, in zone `internal`. */
const label = fc.oneof(
  fc.constantFrom('prometheus', 'prometheus-2', 'prometheus0', 'prometheus_', 'Prometheus', 'prom'),
  fc.constantFrom('*', 'prometheus*', '!', 'a', 'z', '-', '\\052', 'a\\056b', '\\377'),
  fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom(...'apz-_0*,') }),
);
const name = fc
  .tuple(fc.array(label, { maxLength: 2 }), fc.constantFrom('prometheus.internal', 'internal'))
  .map(([labels, end]) => [...labels, end].join('.'));
const record: fc.Arbitrary<PagedRecord> = fc.record(
  {
    Name: name,
    Type: fc.constantFrom('A', 'AAAA', 'CNAME', 'TXT'),
    SetIdentifier: fc.constantFrom('blue', 'green', 'red'),
  },
  { requiredKeys: ['Name', 'Type'] },
);
const records = fc.uniqueArray(record, {
  maxLength: 40,
  selector: ({ Name, Type, SetIdentifier }) => [hostOf(Name), Type, SetIdentifier].join(' '),
});

describe.each(orders)('a listing in %s', (_, order) => {
  const listOf = async (all: readonly PagedRecord[], pageSize: number, suffix?: string) => {
    const client = pagedZone('internal', all, order, pageSize);
    const route53 = new Route53({ client: async () => client });
    return (await route53.list({ zone: 'Z1' }, suffix, run)).recordSets;
  };

  test('holds every record set once, whatever the pages', async () => {
    const property = fc.asyncProperty(
      records,
      fc.integer({ min: 1, max: 5 }),
      async (all, size) => {
        const listed = await listOf(all, size);
        expect(listed).toHaveLength(all.length);
        expect(new Set(listed.map((it) => JSON.stringify(it))).size).toBe(all.length);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('of a suffix is the full listing filtered', async () => {
    const suffix = fc.constantFrom('prometheus.internal', 'internal', 'a.prometheus.internal');
    const size = fc.integer({ min: 1, max: 5 });
    const property = fc.asyncProperty(records, suffix, size, async (all, end, pageSize) => {
      const full = await listOf(all, pageSize);
      const wanted = full.filter((it) => `.${hostOf(it.name)}`.endsWith(`.${end}`));
      expect(await listOf(all, pageSize, end)).toEqual(wanted);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  test('by the suffix of a pattern finds all that the pattern matches', async () => {
    const pattern = '^(?<clusterID>[^.]+)\\.prometheus\\.internal$';
    const property = fc.asyncProperty(records, async (all) => {
      const matching = (listed: readonly { name: string }[]) =>
        listed.filter((it) => new RegExp(pattern).test(hostOf(it.name)));
      const ranged = await listOf(all, 2, suffixOf(pattern));
      expect(matching(ranged)).toEqual(matching(await listOf(all, 2)));
    });
    await fc.assert(property, { numRuns: 300 });
  });
});

test('a suffix outside the zone, or shorter than it, lists the whole zone', async () => {
  const all: PagedRecord[] = [
    { Name: 'a.prometheus.internal', Type: 'A' },
    { Name: 'prometheus.internal', Type: 'TXT' },
  ];
  const client = pagedZone('prometheus.internal', all, route53Order, 300);
  const route53 = new Route53({ client: async () => client });
  for (const suffix of ['internal', 'example.com', 'rometheus.internal']) {
    expect((await route53.list({ zone: 'Z1' }, suffix, run)).recordSets).toHaveLength(2);
  }
  expect(client.asked.map(({ StartRecordName }) => StartRecordName)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a few names in a large zone cost one call', async () => {
  const noise = Array.from(
    { length: 3_000 },
    (_, i): PagedRecord => ({ Name: `n${i}.internal`, Type: 'A' }),
  );
  const few: PagedRecord[] = [{ Name: 'a.prometheus.internal', Type: 'CNAME' }];
  const client = pagedZone('internal', [...noise, ...few], route53Order, 300);
  const route53 = new Route53({ client: async () => client });
  expect((await route53.list({ zone: 'Z1' }, 'prometheus.internal', run)).recordSets).toEqual([
    { name: 'a.prometheus.internal.', type: 'CNAME' },
  ]);
  expect(client.asked).toEqual([
    { HostedZoneId: 'Z1', MaxItems: 300, StartRecordName: 'prometheus.internal.' },
  ]);
});
