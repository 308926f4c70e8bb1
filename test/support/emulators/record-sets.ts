import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import type { RecordSet } from './aws/zones.ts';

/** Builders of record sets as the SDK takes them, for the emulator's own API and for any Route 53 alike. */

type Extra = Partial<ResourceRecordSet>;

export function cname(name: string, target = 'elb.example.com.', extra: Extra = {}): RecordSet {
  return { ...plain(name, 'CNAME', target), ...extra } as RecordSet;
}

export function a(name: string, address = '10.0.0.1', extra: Extra = {}): RecordSet {
  return { ...plain(name, 'A', address), ...extra } as RecordSet;
}

export function aaaa(name: string, address = 'fd00::1', extra: Extra = {}): RecordSet {
  return { ...plain(name, 'AAAA', address), ...extra } as RecordSet;
}

/** As external-dns writes them next to its records. */
export function txt(
  name: string,
  value = '"heritage=external-dns,external-dns/owner=x"',
  extra: Extra = {},
): RecordSet {
  return { ...plain(name, 'TXT', value), ...extra } as RecordSet;
}

export function alias(name: string, target: string, type: 'A' | 'AAAA' = 'A'): RecordSet {
  return {
    Name: name,
    Type: type,
    AliasTarget: { HostedZoneId: 'Z32O12XQLNTSW2', DNSName: target, EvaluateTargetHealth: false },
  };
}

/** One of several record sets of one name and type. */
export function weighted(name: string, identifier: string, weight = 10): RecordSet {
  return cname(name, `${identifier}.example.com.`, { SetIdentifier: identifier, Weight: weight });
}

function plain(name: string, type: 'A' | 'AAAA' | 'CNAME' | 'TXT', value: string): RecordSet {
  return { Name: name, Type: type, TTL: 300, ResourceRecords: [{ Value: value }] };
}

/** `p00001.ZONE` and so on: CNAMEs in listing order. */
export function manyCnames(count: number, zone: string): RecordSet[] {
  return Array.from({ length: count }, (_, index) =>
    cname(`p${String(index + 1).padStart(5, '0')}.${zone}`),
  );
}

/** Through the API, so on any Route 53: a zone with these record sets. Returns its id. */
export async function createZone(
  client: Route53Client,
  name: string,
  records: readonly RecordSet[],
): Promise<string> {
  const { HostedZone } = await client.send(
    new CreateHostedZoneCommand({
      Name: name,
      CallerReference: `${name} ${Math.random()}`,
      HostedZoneConfig: { PrivateZone: true },
      VPC: { VPCRegion: 'eu-west-1', VPCId: 'vpc-0a1b2c3d' },
    }),
  );
  const id = HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
  // A batch holds 1,000 changes at most.
  for (let from = 0; from < records.length; from += 1000) {
    await client.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: id,
        ChangeBatch: {
          Changes: records
            .slice(from, from + 1000)
            .map((record) => ({ Action: 'CREATE', ResourceRecordSet: record })),
        },
      }),
    );
  }
  return id;
}

export interface Listing {
  readonly records: readonly ResourceRecordSet[];
  /** How many record sets each page held. */
  readonly pages: readonly number[];
}

/** All pages, the cursor taken over whole: name, type and identifier. */
export async function listAll(
  client: Route53Client,
  zone: string,
  start: Omit<ListResourceRecordSetsCommandInput, 'HostedZoneId'> = {},
): Promise<Listing> {
  const records: ResourceRecordSet[] = [];
  const pages: number[] = [];
  let cursor: Partial<ListResourceRecordSetsCommandInput> | undefined = start;
  while (cursor) {
    const page: ListResourceRecordSetsCommandOutput = await client.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zone, ...start, ...cursor }),
    );
    const found = page.ResourceRecordSets ?? [];
    records.push(...found);
    pages.push(found.length);
    cursor = page.IsTruncated
      ? {
          StartRecordName: page.NextRecordName,
          StartRecordType: page.NextRecordType,
          StartRecordIdentifier: page.NextRecordIdentifier,
        }
      : undefined;
  }
  return { records, pages };
}
