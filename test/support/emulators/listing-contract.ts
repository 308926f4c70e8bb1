import {
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  a,
  aaaa,
  alias,
  cname,
  createZone,
  listAll,
  manyCnames,
  txt,
  weighted,
} from './record-sets.ts';

/** Where a Route 53 is known to differ from AWS's documentation. */
export interface Differences {
  /** Names come as they were given: `*` instead of `\052`. */
  readonly unescaped?: boolean;
  /** Sorts reversed labels without the final dot: a hyphen (ASCII 45) does not come before it (46). */
  readonly sortsWithoutFinalDot?: boolean;
  /** A StartRecordIdentifier without a StartRecordType is taken. */
  readonly lenientCursor?: boolean;
  /** Record sets per page by default; AWS: 100. */
  readonly defaultPageSize?: number;
  /**
   * The cursor has no identifier: a weighted set that straddles two pages comes twice, and pages of one record set never
   * get past it.
   */
  readonly ignoresIdentifier?: boolean;
  /** An alias record set may have a TTL of 0. */
  readonly aliasMayHaveTtl?: boolean;
}

/** moto 5 as measured. */
export const MOTO: Differences = {
  unescaped: true,
  sortsWithoutFinalDot: true,
  lenientCursor: true,
  defaultPageSize: 300,
  ignoresIdentifier: true,
  // Until 5.2.1, which some machines bring along; no longer in 5.2.5.
  aliasMayHaveTtl: true,
};

/**
 * What a listing owes its reader, as AWS documents ListResourceRecordSets. `client` is called after the suite's own
 * beforeAll hooks, so it may return what those have started.
 */
export function listingContract(client: () => Route53Client, differences: Differences = {}): void {
  const star = differences.unescaped ? '*' : '\\052';

  describe('a listing of a zone with all kinds of record sets', () => {
    let zone: string;
    const names = async (start: Omit<ListResourceRecordSetsCommandInput, 'HostedZoneId'> = {}) =>
      (await listAll(client(), zone, start)).records.map(({ Name, Type, SetIdentifier }) =>
        [Name, Type, SetIdentifier].filter(Boolean).join(' '),
      );

    beforeAll(async () => {
      zone = await createZone(client(), 'contract.internal', [
        cname('upper.contract.internal'),
        a('*.contract.internal'),
        a('prometheus.contract.internal'),
        aaaa('prometheus.contract.internal'),
        txt('prometheus.contract.internal'),
        cname('x.prometheus.contract.internal'),
        cname('prometheus-2.contract.internal'),
        weighted('w.contract.internal', 'blue'),
        weighted('w.contract.internal', 'green'),
        alias('z.contract.internal', '*.elb.example.com'),
      ]);
    });

    test('is ordered by reversed labels with the final dot, then type, then identifier', async () => {
      // `prometheus-` comes before `prometheus.`: the hyphen is 45, the dot 46.
      const hyphen = 'prometheus-2.contract.internal. CNAME';
      expect(await names()).toEqual([
        'contract.internal. NS',
        'contract.internal. SOA',
        `${star}.contract.internal. A`,
        ...(differences.sortsWithoutFinalDot ? [] : [hyphen]),
        'prometheus.contract.internal. A',
        'prometheus.contract.internal. AAAA',
        'prometheus.contract.internal. TXT',
        ...(differences.sortsWithoutFinalDot ? [hyphen] : []),
        'x.prometheus.contract.internal. CNAME',
        'upper.contract.internal. CNAME',
        'w.contract.internal. CNAME blue',
        'w.contract.internal. CNAME green',
        'z.contract.internal. A',
      ]);
    });

    test('starts with the name it is given, inclusive, and continues after it', async () => {
      expect((await names({ StartRecordName: 'upper.contract.internal' }))[0]).toBe(
        'upper.contract.internal. CNAME',
      );
      // Nothing of that name: the next one.
      expect((await names({ StartRecordName: 'v.contract.internal.' }))[0]).toBe(
        'w.contract.internal. CNAME blue',
      );
    });

    test('starts with name, type and identifier, inclusive', async () => {
      const name = 'prometheus.contract.internal.';
      const fromType = await names({ StartRecordName: name, StartRecordType: 'AAAA' });
      expect(fromType[0]).toBe(`${name} AAAA`);
      const fromIdentifier = await names({
        StartRecordName: 'w.contract.internal.',
        StartRecordType: 'CNAME',
        StartRecordIdentifier: 'green',
      });
      const first = differences.ignoresIdentifier ? 'blue' : 'green';
      expect(fromIdentifier[0]).toBe(`w.contract.internal. CNAME ${first}`);
    });

    const sizes = differences.ignoresIdentifier ? [2, 3, 5] : [1, 2, 3, 5];
    test.for(sizes)('is the same in pages of %i', async (MaxItems) => {
      const paged = await names({ MaxItems });
      const once = differences.ignoresIdentifier ? [...new Set(paged)] : paged;
      expect(once).toEqual(await names());
    });

    test('a page that ends within a weighted pair names the identifier that follows', async () => {
      const page = await client().send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: zone,
          StartRecordName: 'w.contract.internal',
          MaxItems: 1,
        }),
      );
      expect(page).toMatchObject({
        IsTruncated: true,
        NextRecordName: 'w.contract.internal.',
        NextRecordType: 'CNAME',
        MaxItems: 1,
      });
      const identifier = differences.ignoresIdentifier ? undefined : 'green';
      expect(page.NextRecordIdentifier).toBe(identifier);
    });

    test('an alias has a target, with its name escaped, and neither records nor TTL', async () => {
      const { records } = await listAll(client(), zone, {
        StartRecordName: 'z.contract.internal',
      });
      expect(records[0]?.AliasTarget?.DNSName?.replace(/\.$/, '')).toBe(`${star}.elb.example.com`);
      expect(differences.aliasMayHaveTtl ? [0, undefined] : [undefined]).toContain(records[0]?.TTL);
      expect(records[0]?.ResourceRecords ?? []).toEqual([]);
    });

    test('a type without a name, and an identifier without a type, are InvalidInput', async () => {
      const code = async (listing: Promise<unknown>) =>
        listing.then(
          () => 'taken',
          (error) => error.name,
        );
      expect(await code(names({ StartRecordType: 'A' }))).toBe('InvalidInput');
      const identifierAlone = {
        StartRecordName: 'w.contract.internal',
        StartRecordIdentifier: 'green',
      };
      const answer = differences.lenientCursor ? 'taken' : 'InvalidInput';
      expect(await code(names(identifierAlone))).toBe(answer);
    });
  });

  describe('a listing of a zone of 700 names', () => {
    let zone: string;
    beforeAll(async () => {
      zone = await createZone(client(), 'many.internal', manyCnames(700, 'many.internal'));
    });

    test('gives 300 record sets a page at most', async () => {
      expect((await listAll(client(), zone, { MaxItems: 300 })).pages).toEqual([300, 300, 102]);
    });

    test('gives 100 a page unless asked otherwise', async () => {
      const { pages } = await listAll(client(), zone);
      expect(pages[0]).toBe(differences.defaultPageSize ?? 100);
      expect(pages.reduce((sum, size) => sum + size)).toBe(702);
    });
  });

  test('a zone that is not there is NoSuchHostedZone', async () => {
    await expect(listAll(client(), 'Z0NOSUCHZONE')).rejects.toMatchObject({
      name: 'NoSuchHostedZone',
      $metadata: { httpStatusCode: 404 },
    });
  });
}
