import {
  GetHostedZoneCommand,
  type HostedZone,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
  type RRType,
} from '@aws-sdk/client-route-53';
import { awsFault } from '../aws/fault.ts';
import { Fault } from '../fault.ts';
import type { ZoneSource } from '../job.ts';
import { type Run, withinRun } from '../run.ts';
import { localValues } from './local-values.ts';
import { hostOf } from './name.ts';
import type { RecordSet } from './record-set.ts';
import type { Listing } from './records.ts';
import { rangeOf } from './suffix.ts';

/** The service's own maximum; its default is 100. */
const PAGE_SIZE = 300;

/** Where a listing continues: the next record set, including its identifier. */
interface Cursor {
  readonly StartRecordName?: string;
  readonly StartRecordType?: RRType;
  readonly StartRecordIdentifier?: string;
}

export interface Route53Options {
  /** The client for a zone: the caller's own, or one that has assumed the zone's role. */
  readonly client: (source: ZoneSource) => Promise<Route53Client>;
  /** Called after every page with the number of record sets read so far; undefined: the listing ended. */
  readonly progress?: (zone: string, recordSets: number | undefined) => void;
}

/** Reads hosted zones. The properties of a zone are requested once in the life of this object. */
export class Route53 {
  readonly #options: Route53Options;
  readonly #zones = new Map<string, Promise<HostedZone>>();

  constructor(options: Route53Options) {
    this.#options = options;
  }

  /**
   * All record sets of a zone; with a suffix, those whose names end in it. One page after the other, since
   * every call counts against a limit that the whole account shares.
   *
   * @throws Fault `zone-*`, `aws-*`, `listing-inconsistent`, `deadline`; never a partial listing
   */
  async list(source: ZoneSource, suffix: string | undefined, run: Run): Promise<Listing> {
    try {
      return await this.#list(source, suffix, run);
    } finally {
      this.#options.progress?.(source.zone, undefined);
    }
  }

  async #list(source: ZoneSource, suffix: string | undefined, run: Run): Promise<Listing> {
    const zone = await this.zone(source, run);
    // A listing can only start at a suffix inside the zone; a shorter one matches every name.
    const start =
      suffix !== undefined && isWithin(suffix, hostOf(zone.Name ?? '')) ? suffix : undefined;
    const range = start === undefined ? undefined : rangeOf(start);
    // Name, type and identifier identify a record set: one that is on two pages counts once.
    const found = new Map<string, RecordSet>();
    let pages = 0;
    const seen = new Set<string>();
    let cursor: Cursor | undefined = start === undefined ? {} : { StartRecordName: `${start}.` };
    while (cursor) {
      const page = await this.#page(source, cursor, run);
      pages += 1;
      for (const set of page.recordSets) {
        const where = range?.(hostOf(set.name)) ?? 'in';
        if (where === 'after') return { recordSets: [...found.values()], pages };
        if (where === 'in') found.set(identity(set), set);
      }
      this.#options.progress?.(source.zone, found.size);
      const at = JSON.stringify(page.next);
      if (page.next && seen.has(at)) {
        throw new Fault(
          'listing-inconsistent',
          `zone ${source.zone}: the listing returned to ${at}`,
        );
      }
      seen.add(at);
      cursor = page.next;
    }
    return { recordSets: [...found.values()], pages };
  }

  /** The zone's properties. Refuses a public zone unless the settings say `public: true`. */
  async zone(source: ZoneSource, run: Run): Promise<HostedZone> {
    const key = `${source.zone} ${source.roleArn ?? ''}`;
    const asked = this.#zones.get(key) ?? this.#ask(source, run);
    this.#zones.set(key, asked);
    const zone = await asked.catch((error) => {
      this.#zones.delete(key);
      throw error;
    });
    if (!zone.Config?.PrivateZone && !source.public) {
      throw new Fault('zone-public', `zone ${source.zone} (${zone.Name}) is a public zone`);
    }
    return zone;
  }

  /**
   * The seconds for which resolvers cache a missing name (RFC 2308), from the zone's SOA; undefined where it
   * is unknown. One call, with the permission that `list` needs.
   *
   * @param name the zone's name without its final dot; undefined if unknown
   */
  async negativeTtl(
    source: ZoneSource,
    name: string | undefined,
    run: Run,
  ): Promise<number | undefined> {
    const start = { StartRecordName: name, StartRecordType: 'SOA' } as const;
    try {
      const client = await this.#options.client(source);
      const command = new ListResourceRecordSetsCommand({
        HostedZoneId: source.zone,
        MaxItems: 1,
        ...(name !== undefined && start),
      });
      const page = await client.send(command, { abortSignal: run.signal });
      const soa = page.ResourceRecordSets?.find(({ Type }) => Type === 'SOA');
      const minimum = Number(soa?.ResourceRecords?.[0]?.Value?.split(' ').at(-1));
      const seconds = Math.min(soa?.TTL ?? Number.NaN, minimum);
      return Number.isNaN(seconds) ? undefined : seconds;
    } catch (error) {
      throw zoneFault(error, 'list', source, run);
    }
  }

  async #ask(source: ZoneSource, run: Run): Promise<HostedZone> {
    try {
      const client = await this.#options.client(source);
      const command = new GetHostedZoneCommand({ Id: source.zone });
      const asked = client.send(command, { abortSignal: run.signal });
      // The SDK does not pass our abort signal to AssumeRole, which comes first.
      const { HostedZone } = await withinRun(asked, run, `before ${source.zone} was looked up`);
      if (HostedZone?.Name === undefined || HostedZone.Config?.PrivateZone === undefined) {
        throw new Fault(
          'aws-unavailable',
          `the response for zone ${source.zone} is not from Route 53`,
        );
      }
      return HostedZone;
    } catch (error) {
      throw zoneFault(error, 'look up', source, run);
    }
  }

  async #page(
    source: ZoneSource,
    cursor: Cursor,
    run: Run,
  ): Promise<{ recordSets: RecordSet[]; next: Cursor | undefined }> {
    try {
      const client = await this.#options.client(source);
      const command = new ListResourceRecordSetsCommand({
        HostedZoneId: source.zone,
        MaxItems: PAGE_SIZE,
        ...cursor,
      });
      const asked = client.send(command, { abortSignal: run.signal });
      const page = await withinRun(asked, run, `before ${source.zone} was listed`);
      // A response that is not a listing (for example a proxy's HTML) parses to a page without these.
      if (page.ResourceRecordSets === undefined || page.IsTruncated === undefined) {
        throw new Fault('aws-unavailable', `the response for zone ${source.zone} is not a listing`);
      }
      const recordSets = page.ResourceRecordSets.map((set) => toRecordSet(set, source));
      if (!page.IsTruncated) return { recordSets, next: undefined };
      if (page.NextRecordName === undefined || page.NextRecordType === undefined) {
        throw new Fault(
          'listing-inconsistent',
          `zone ${source.zone}: a truncated page has no next record name`,
        );
      }
      return {
        recordSets,
        next: {
          StartRecordName: page.NextRecordName,
          StartRecordType: page.NextRecordType,
          ...(page.NextRecordIdentifier !== undefined && {
            StartRecordIdentifier: page.NextRecordIdentifier,
          }),
        },
      };
    } catch (error) {
      throw zoneFault(error, 'list', source, run);
    }
  }
}

function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

function zoneFault(error: unknown, verb: string, source: ZoneSource, run: Run): Fault {
  const asked = {
    to: `${verb} zone ${source.zone}`,
    missing: 'zone-missing',
    forbidden: 'zone-forbidden',
  } as const;
  return awsFault(error, asked, run.signal);
}

function toRecordSet(set: ResourceRecordSet, source: ZoneSource): RecordSet {
  if (set.Name === undefined || set.Type === undefined) {
    throw new Fault(
      'aws-unavailable',
      `zone ${source.zone}: a record set in the response has no name or type`,
    );
  }
  const local = localValues(
    set.Type,
    (set.ResourceRecords ?? []).map(({ Value = '' }) => Value),
  );
  return {
    name: set.Name,
    type: set.Type,
    ...(set.SetIdentifier !== undefined && { setIdentifier: set.SetIdentifier }),
    ...(local.length > 0 && { localValues: local }),
  };
}

function identity(set: RecordSet): string {
  return JSON.stringify([set.name, set.type, set.setIdentifier]);
}
