import { randomBytes, randomUUID } from 'node:crypto';
import type { WireResponse } from '../wire/server.ts';
import { writeXml, type XmlValue } from '../wire/xml.ts';
import { invalidInput } from './change-batch.ts';
import type { AwsError } from './error.ts';
import type { RecordSet, Zone } from './zones.ts';

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';
const MAX_ITEMS = 300;

export function listing(zone: Zone, query: URLSearchParams): WireResponse {
  const [name, type, identifier] = ['name', 'type', 'identifier'].map(
    (key) => query.get(key) || undefined,
  );
  if (type !== undefined && name === undefined) {
    throw invalidInput('Expected a start record name where a start record type is given');
  }
  if (identifier !== undefined && type === undefined) {
    throw invalidInput('Expected a start record type where a start record identifier is given');
  }
  const limit = maxItems(query.get('maxitems'), 100);
  const { page, next } = zone.page(
    {
      ...(name === undefined ? {} : { name }),
      ...(type === undefined ? {} : { type }),
      ...(identifier === undefined ? {} : { identifier }),
    },
    limit,
  );
  return xml('ListResourceRecordSetsResponse', {
    ResourceRecordSets: { ResourceRecordSet: page.map(recordSet) },
    IsTruncated: next !== undefined,
    NextRecordName: next?.Name,
    NextRecordType: next?.Type,
    NextRecordIdentifier: next?.SetIdentifier,
    MaxItems: limit,
  });
}

/** Elements in the order of the API's schema. */
function recordSet(record: RecordSet): XmlValue {
  const { Name, Type, TTL, ResourceRecords, AliasTarget, HealthCheckId, ...routing } = record;
  const { SetIdentifier, Weight, Region, GeoLocation, Failover, MultiValueAnswer } = routing;
  return {
    Name,
    Type,
    SetIdentifier,
    Weight,
    Region,
    GeoLocation: GeoLocation as XmlValue,
    Failover,
    MultiValueAnswer,
    ...(AliasTarget
      ? {}
      : {
          TTL,
          ResourceRecords: { ResourceRecord: (ResourceRecords ?? []) as unknown as XmlValue[] },
        }),
    AliasTarget: AliasTarget as XmlValue,
    HealthCheckId,
  };
}

export function maxItems(text: string | null, byDefault: number): number {
  if (text === null) return byDefault;
  if (!/^\d+$/.test(text) || Number(text) < 1) {
    throw invalidInput(`The value '${text}' of maxitems is not a positive number`);
  }
  return Math.min(Number(text), MAX_ITEMS);
}

export function summary(zone: Zone) {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: zone.name,
    CallerReference: zone.options.callerReference ?? `created-by-emulator-${zone.id}`,
    Config: { Comment: zone.options.comment, PrivateZone: zone.private },
    ResourceRecordSetCount: zone.size,
  };
}

export function details(zone: Zone) {
  const vpcs = zone.options.vpcs ?? [{ VPCRegion: 'eu-west-1', VPCId: 'vpc-0a1b2c3d4e5f60718' }];
  return {
    HostedZone: summary(zone),
    ...(zone.private
      ? { VPCs: { VPC: vpcs as unknown as XmlValue[] }, DelegationSet: undefined }
      : {
          VPCs: undefined,
          DelegationSet: {
            NameServers: {
              NameServer: zone
                .at(zone.name)
                .filter((record) => record.Type === 'NS')
                .flatMap((record) => record.ResourceRecords ?? [])
                .map(({ Value = '' }) => Value.replace(/\.$/, '')),
            },
          },
        }),
  };
}

export function changeInfo() {
  const id = `C${randomBytes(10).toString('hex').toUpperCase()}`;
  return { Id: `/change/${id}`, Status: 'PENDING', SubmittedAt: new Date().toISOString() };
}

export function xml(root: string, value: XmlValue, status = 200): WireResponse {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': randomUUID() },
    body: writeXml(root, value, NAMESPACE),
  };
}

export function errorResponse(error: AwsError): WireResponse {
  const requestId = randomUUID();
  return {
    status: error.status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: writeXml(
      'ErrorResponse',
      {
        Error: {
          Type: error.status < 500 ? 'Sender' : 'Receiver',
          Code: error.code,
          Message: error.message,
        },
        RequestId: requestId,
      },
      NAMESPACE,
    ),
  };
}
