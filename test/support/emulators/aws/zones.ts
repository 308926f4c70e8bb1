import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { canonicalName, isWithin, nameOrder } from './record-name.ts';

/** A record set in the SDK's words, so that a listing's JSON is a fixture. */
export type RecordSet = ResourceRecordSet & { readonly Name: string; readonly Type: string };

export interface ZoneOptions {
  /** Default: a fresh one. */
  readonly id?: string;
  readonly name: string;
  /** Default true. */
  readonly private?: boolean;
  readonly comment?: string;
  readonly callerReference?: string;
  readonly vpcs?: readonly { readonly VPCRegion: string; readonly VPCId: string }[];
  /** Only callers of this account see the zone; default: the emulator's own. */
  readonly account?: string;
  /** Only these ARNs (users, roles) may read it. */
  readonly readableBy?: readonly string[];
}

/** Where a page starts: inclusive, as Route 53's cursor is. */
export interface Cursor {
  readonly name?: string;
  readonly type?: string;
  readonly identifier?: string;
}

interface Entry {
  /** Name, type and identifier in listing order. */
  readonly order: readonly [name: string, type: string, identifier: string];
  readonly record: RecordSet;
}

/** A hosted zone and its record sets, in the order Route 53 lists them. */
export class Zone {
  readonly id: string;
  readonly name: string;
  readonly options: ZoneOptions;
  /** By canonical name. The arrays are replaced, never changed: drafts share them. */
  #names = new Map<string, readonly Entry[]>();
  #size = 0;
  #sorted: Entry[] | undefined;

  constructor(options: ZoneOptions & { readonly id: string }) {
    this.id = options.id;
    this.name = canonicalName(options.name);
    this.options = options;
    this.put({ Name: this.name, Type: 'NS', TTL: 172_800, ResourceRecords: NAME_SERVERS });
    this.put({ Name: this.name, Type: 'SOA', TTL: 900, ResourceRecords: [SOA] });
  }

  get private(): boolean {
    return this.options.private ?? true;
  }

  get size(): number {
    return this.#size;
  }

  /** Does the name lie in this zone? */
  holds(name: string): boolean {
    return isWithin(canonicalName(name), this.name);
  }

  get(record: Pick<RecordSet, 'Name' | 'Type' | 'SetIdentifier'>): RecordSet | undefined {
    return this.at(record.Name).find((one) => isSame(one, record));
  }

  /** All record sets of one name. */
  at(name: string): RecordSet[] {
    return (this.#names.get(canonicalName(name)) ?? []).map((entry) => entry.record);
  }

  /** Creates or replaces. Nothing is validated: what Route 53 would refuse is for ChangeResourceRecordSets to say. */
  put(record: RecordSet): void {
    const stored: RecordSet = {
      ...record,
      Name: canonicalName(record.Name),
      ...(record.AliasTarget && {
        AliasTarget: {
          ...record.AliasTarget,
          DNSName: canonicalName(record.AliasTarget.DNSName ?? ''),
        },
      }),
    };
    const order = [nameOrder(record.Name), record.Type, record.SetIdentifier ?? ''] as const;
    this.#replace(record, [{ order, record: stored }]);
  }

  remove(record: Pick<RecordSet, 'Name' | 'Type' | 'SetIdentifier'>): boolean {
    const before = this.#size;
    this.#replace(record, []);
    return this.#size < before;
  }

  #replace(record: Pick<RecordSet, 'Name' | 'Type' | 'SetIdentifier'>, by: readonly Entry[]) {
    const name = canonicalName(record.Name);
    const before = this.#names.get(name) ?? [];
    const after = [...before.filter((entry) => !isSame(entry.record, record)), ...by];
    this.#size += after.length - before.length;
    this.#sorted = undefined;
    if (after.length > 0) this.#names.set(name, after);
    else this.#names.delete(name);
  }

  records(): RecordSet[] {
    return this.#inOrder().map((entry) => entry.record);
  }

  /** One page, and the record set that the next one starts with. */
  page(cursor: Cursor, limit: number): { page: RecordSet[]; next: RecordSet | undefined } {
    const entries = this.#inOrder();
    const from =
      cursor.name === undefined
        ? 0
        : lowerBound(entries, [nameOrder(cursor.name), cursor.type ?? '', cursor.identifier ?? '']);
    return {
      page: entries.slice(from, from + limit).map((entry) => entry.record),
      next: entries[from + limit]?.record,
    };
  }

  /** A copy to try a batch of changes on. */
  draft(): Zone {
    const draft = new Zone({ ...this.options, id: this.id });
    draft.adopt(this);
    return draft;
  }

  adopt(other: Zone): void {
    this.#names = new Map(other.#names);
    this.#size = other.#size;
    this.#sorted = undefined;
  }

  #inOrder(): Entry[] {
    this.#sorted ??= [...this.#names.values()].flat().sort((a, b) => compare(a.order, b.order));
    return this.#sorted;
  }
}

function isSame(
  a: Pick<RecordSet, 'Type' | 'SetIdentifier'>,
  b: Pick<RecordSet, 'Type' | 'SetIdentifier'>,
): boolean {
  return a.Type === b.Type && (a.SetIdentifier ?? '') === (b.SetIdentifier ?? '');
}

function compare(a: Entry['order'], b: Entry['order']): number {
  for (let i = 0; i < 3; i++) {
    const [x, y] = [a[i] as string, b[i] as string];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** The first index whose order is not below `from`. */
function lowerBound(entries: readonly Entry[], from: Entry['order']): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare((entries[middle] as Entry).order, from) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const NAME_SERVERS = [
  { Value: 'ns-1536.awsdns-00.co.uk.' },
  { Value: 'ns-0.awsdns-00.com.' },
  { Value: 'ns-1024.awsdns-00.org.' },
  { Value: 'ns-512.awsdns-00.net.' },
];
const SOA = {
  Value: 'ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400',
};
