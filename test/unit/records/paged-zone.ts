import type {
  GetHostedZoneCommandOutput,
  ListResourceRecordSetsCommandInput,
  ListResourceRecordSetsCommandOutput,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { canonicalName, nameOrder } from '../../support/emulators/aws/record-name.ts';

export interface PagedRecord {
  readonly Name: string;
  readonly Type: 'A' | 'AAAA' | 'CNAME' | 'TXT';
  readonly SetIdentifier?: string;
}

/** By what a service sorts the names of a zone. */
export type Order = (name: string) => string;

/** Labels reversed, with the final dot: Route 53's own. */
export const route53Order: Order = nameOrder;

/** moto's: without the final dot, and nothing is escaped. `prometheus-2.internal` stands inside `prometheus.internal`. */
export const motoOrder: Order = (name) => nameOrder(name).slice(0, -1);

/** The client of one private zone in memory, with pages of any size. Throws what no listing should ever ask. */
export function pagedZone(
  zone: string,
  records: readonly PagedRecord[],
  order: Order,
  pageSize: number,
): Route53Client & { readonly asked: ListResourceRecordSetsCommandInput[] } {
  const asked: ListResourceRecordSetsCommandInput[] = [];
  const keyOf = (name: string, type = '', identifier = '') => [order(name), type, identifier];
  const sorted = records
    .map((record) => ({
      key: keyOf(record.Name, record.Type, record.SetIdentifier),
      record: { ...record, Name: canonicalName(record.Name) },
    }))
    .sort((a, b) => compare(a.key, b.key));

  const list = (input: ListResourceRecordSetsCommandInput): ListResourceRecordSetsCommandOutput => {
    asked.push(input);
    const { StartRecordName, StartRecordType, StartRecordIdentifier } = input;
    if (StartRecordName === undefined && StartRecordType !== undefined) throw new Error('no name');
    if (StartRecordType === undefined && StartRecordIdentifier !== undefined) {
      throw new Error('no type');
    }
    const start = keyOf(StartRecordName ?? '', StartRecordType, StartRecordIdentifier);
    const from = StartRecordName
      ? sorted.findIndex(({ key }) => compare(key, start) >= 0)
      : Math.min(0, sorted.length - 1);
    const rest = from < 0 ? [] : sorted.slice(from);
    const next = rest[pageSize]?.record;
    return {
      $metadata: {},
      ResourceRecordSets: rest.slice(0, pageSize).map(({ record }) => record),
      IsTruncated: next !== undefined,
      MaxItems: pageSize,
      ...(next && { NextRecordName: next.Name, NextRecordType: next.Type }),
      ...(next?.SetIdentifier && { NextRecordIdentifier: next.SetIdentifier }),
    };
  };
  const HostedZone = { Id: 'Z1', Name: `${zone}.`, CallerReference: 'x' };
  const look: GetHostedZoneCommandOutput = {
    $metadata: {},
    HostedZone: { ...HostedZone, Config: { PrivateZone: true } },
  };
  const send = async ({ input }: { input: object }) =>
    'HostedZoneId' in input ? list(input as ListResourceRecordSetsCommandInput) : look;
  return Object.assign({ send } as unknown as Route53Client, { asked });
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? '';
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
