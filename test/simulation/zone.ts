import type { Route53Client } from '@aws-sdk/client-route-53';
import { orderKey } from '../../src/records/name.ts';
import type { Time } from './time.ts';

/** Which page of a listing a fault is for; throws the SDK's error in its place. */
export type Ask = (what: 'look' | 'list', answer: () => object) => Promise<object>;

/** One hosted zone, and when each of its names was there. */
export class Zone {
  readonly id: string;
  readonly name: string;
  readonly #time: Time;
  readonly #pageSize: number;
  /** The record type by host. A record set moves within the order of a zone when its type changes. */
  readonly #types = new Map<string, 'A' | 'CNAME'>();
  readonly #since = new Map<string, number>();

  constructor(id: string, name: string, time: Time, pageSize: number) {
    this.id = id;
    this.name = name;
    this.#time = time;
    this.#pageSize = pageSize;
  }

  get hosts(): string[] {
    return [...this.#types.keys()].sort();
  }

  typeOf(host: string): 'A' | 'CNAME' {
    return this.#types.get(host) ?? 'A';
  }

  set(host: string, type: 'A' | 'CNAME'): void {
    if (!this.#types.has(host)) this.#since.set(host, this.#time.now);
    this.#types.set(host, type);
  }

  remove(host: string): void {
    this.#types.delete(host);
  }

  /** In another type, in one change: the name never lacks a record set. */
  retype(host: string): void {
    const type = this.#types.get(host);
    if (type) this.set(host, type === 'A' ? 'CNAME' : 'A');
  }

  /** The host was there from that time until now, without a break. */
  wasThereSince(host: string, from: number): boolean {
    return this.#types.has(host) && (this.#since.get(host) ?? 0) <= from;
  }

  /** A client of the SDK as far as a listing needs it. Each page shows the zone as it is when the page is answered. */
  client(ask: Ask): Route53Client {
    const send = ({ input }: { input: Input }) =>
      'Id' in input
        ? ask('look', () => ({
            HostedZone: { Name: `${this.name}.`, Config: { PrivateZone: true } },
          }))
        : ask('list', () => this.#page(input));
    return { send } as unknown as Route53Client;
  }

  #page({ StartRecordName = '', StartRecordType = '' }: Input): object {
    const from = sortKey(StartRecordName.replace(/\.$/, ''), StartRecordType);
    const rows = [...this.#types]
      .map(([host, type]) => ({ host, type, key: sortKey(host, type) }))
      .filter(({ key }) => key >= from)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const next = rows[this.#pageSize];
    return {
      ResourceRecordSets: rows
        .slice(0, this.#pageSize)
        .map(({ host, type }) => ({ Name: `${host}.`, Type: type })),
      IsTruncated: next !== undefined,
      ...(next && { NextRecordName: `${next.host}.`, NextRecordType: next.type }),
    };
  }
}

interface Input {
  readonly Id?: string;
  readonly StartRecordName?: string;
  readonly StartRecordType?: string;
}

const sortKey = (host: string, type: string) => `${orderKey(host)} ${type}`;
