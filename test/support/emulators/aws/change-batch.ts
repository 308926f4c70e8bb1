import { isIPv4, isIPv6 } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { child, childText, type XmlElement } from '../wire/xml.ts';
import { AwsError } from './error.ts';
import { canonicalName } from './record-name.ts';
import type { RecordSet, Zone } from './zones.ts';

export interface Change {
  readonly action: 'CREATE' | 'UPSERT' | 'DELETE';
  readonly record: RecordSet;
}

/** The body of ChangeResourceRecordSets. */
export function readChanges(body: XmlElement): Change[] {
  const changes = child(child(body, 'ChangeBatch'), 'Changes')?.children ?? [];
  if (changes.length === 0) {
    throw invalidInput('Invalid XML ; cvc-complex-type.2.4.b: ChangeBatch holds no Change');
  }
  return changes.map((change) => {
    const action = childText(change, 'Action') ?? '';
    if (!['CREATE', 'UPSERT', 'DELETE'].includes(action)) {
      throw invalidInput(`Invalid XML ; Value '${action}' is not facet-valid for Action`);
    }
    return {
      action: action as Change['action'],
      record: readRecord(child(change, 'ResourceRecordSet')),
    };
  });
}

function readRecord(element: XmlElement | undefined): RecordSet {
  const text = (name: string) => childText(element, name);
  const alias = child(element, 'AliasTarget');
  const geo = child(element, 'GeoLocation');
  const values = child(element, 'ResourceRecords')?.children.map((one) => ({
    Value: childText(one, 'Value') ?? '',
  }));
  const record = {
    Name: text('Name') ?? '',
    Type: text('Type') ?? '',
    SetIdentifier: text('SetIdentifier'),
    Weight: asNumber(text('Weight')),
    Region: text('Region'),
    GeoLocation:
      geo && Object.fromEntries(geo.children.map((part) => [part.name, part.text] as const)),
    Failover: text('Failover'),
    MultiValueAnswer:
      text('MultiValueAnswer') === undefined ? undefined : text('MultiValueAnswer') === 'true',
    TTL: asNumber(text('TTL')),
    ResourceRecords: values,
    AliasTarget: alias && {
      HostedZoneId: childText(alias, 'HostedZoneId'),
      DNSName: childText(alias, 'DNSName'),
      EvaluateTargetHealth: childText(alias, 'EvaluateTargetHealth') === 'true',
    },
    HealthCheckId: text('HealthCheckId'),
  };
  const present = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as unknown as RecordSet;
}

/** Applies all changes or none. Throws InvalidChangeBatch with one message per change that cannot be made. */
export function applyChanges(zone: Zone, changes: readonly Change[]): void {
  for (const { action, record } of changes) checkShape(action, record);
  if (changes.length > 1000) throw invalidBatch(['Number of records limit of 1000 exceeded.']);
  const draft = zone.draft();
  const faults = changes.flatMap(({ action, record }) => {
    const fault = faultOf(draft, action, record);
    if (fault !== undefined) return [fault];
    if (action === 'DELETE') draft.remove(record);
    else draft.put(record);
    return [];
  });
  const apex = (type: string) => draft.at(draft.name).some((record) => record.Type === type);
  if (!apex('SOA')) faults.push('A HostedZone must contain exactly one SOA record.');
  if (!apex('NS'))
    faults.push('A HostedZone must contain at least one NS record for the zone itself.');
  if (faults.length > 0) throw invalidBatch(faults);
  zone.adopt(draft);
}

const TYPES = 'SOA A TXT NS CNAME MX NAPTR PTR SRV SPF AAAA CAA DS TLSA SSHFP SVCB HTTPS'.split(
  ' ',
);
const ROUTING = ['Weight', 'Region', 'GeoLocation', 'Failover', 'MultiValueAnswer'] as const;

function checkShape(action: string, record: RecordSet): void {
  const { Name, Type, SetIdentifier = null, TTL, ResourceRecords, AliasTarget } = record;
  if (!TYPES.includes(Type)) {
    throw invalidInput(`Invalid XML ; Value '${Type}' is not facet-valid for RRType`);
  }
  const plain = TTL !== undefined && (ResourceRecords?.length ?? 0) > 0;
  const change = `in Change with [Action=${action}, Name=${Name}, Type=${Type}, SetIdentifier=${SetIdentifier}]`;
  if (plain === (AliasTarget !== undefined)) {
    throw invalidInput(
      `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${plain ? 'more than one' : 'none'} ${change}`,
    );
  }
  const routing = ROUTING.filter((one) => record[one] !== undefined);
  if (SetIdentifier !== null && routing.length !== 1) {
    throw invalidInput(
      `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, CidrRoutingConfig, or GeoProximityLocation], but found ${routing.length === 0 ? 'none' : 'more than one'} ${change}`,
    );
  }
  if (SetIdentifier === null && routing.length > 0) {
    throw invalidInput(`Invalid request: Missing field 'SetIdentifier' ${change}`);
  }
}

function faultOf(zone: Zone, action: Change['action'], record: RecordSet): string | undefined {
  const { Type, SetIdentifier } = record;
  const name = canonicalName(record.Name);
  const existing = zone.get(record);
  const set = `resource record set [name='${name}', type='${Type}'${
    SetIdentifier === undefined ? '' : `, set-identifier='${SetIdentifier}'`
  }]`;
  if (!zone.holds(name)) {
    return `RRSet with DNS name ${name} is not permitted in zone ${zone.name}`;
  }
  if (action === 'DELETE') {
    if (!existing) return `Tried to delete ${set} but it was not found`;
    return isSameContent(existing, record)
      ? undefined
      : `Tried to delete ${set} but the values provided do not match the current values`;
  }
  if (action === 'CREATE' && existing) return `Tried to create ${set} but it already exists`;
  if (Type === 'CNAME' && name === zone.name) {
    return `RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone.name}`;
  }
  const siblings = zone.at(name).filter((one) => one !== existing);
  if (siblings.some((one) => (one.Type === 'CNAME') !== (Type === 'CNAME'))) {
    return Type === 'CNAME'
      ? `RRSet of type CNAME with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone.name}`
      : `RRSet of type ${Type} with DNS name ${name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}`;
  }
  const rival = siblings.find((one) => one.Type === Type && routingOf(one) !== routingOf(record));
  if (rival) {
    return `RRSet with DNS name ${name}, type ${Type}, SetIdentifier ${SetIdentifier ?? 'null'} cannot be created because a ${routingOf(rival)} RRSet with the same name and type already exists`;
  }
  return record.ResourceRecords?.map(({ Value = '' }) => valueFault(Type, Value)).find(Boolean);
}

function routingOf(record: RecordSet): string {
  return ROUTING.find((one) => record[one] !== undefined)?.toLowerCase() ?? 'simple';
}

function valueFault(type: string, value: string): string | undefined {
  const fatal = (code: string, says: string) =>
    `Invalid Resource Record: 'FATAL problem: ${code} (${says}) encountered with '${value}''`;
  if (type === 'A' && !isIPv4(value)) {
    return fatal('ARRDATAIllegalIPv4Address', 'Value is not a valid IPv4 address');
  }
  if (type === 'AAAA' && !isIPv6(value)) {
    return fatal('AAAARRDATAIllegalIPv6Address', 'Value is not a valid IPv6 address');
  }
  if (type === 'TXT' && !/^"/.test(value)) {
    return fatal('InvalidCharacterString', 'Value should be enclosed in quotation marks');
  }
  return undefined;
}

/** What DELETE compares: values, TTL, alias and routing, but not how a name was spelt. */
function isSameContent(existing: RecordSet, given: RecordSet): boolean {
  const plain = (record: RecordSet) =>
    JSON.parse(
      JSON.stringify({
        ...record,
        Name: '',
        AliasTarget: record.AliasTarget && {
          ...record.AliasTarget,
          DNSName: canonicalName(record.AliasTarget.DNSName ?? ''),
        },
      }),
    );
  return isDeepStrictEqual(plain(existing), plain(given));
}

function asNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function invalidBatch(messages: readonly string[]): AwsError {
  return new AwsError(400, 'InvalidChangeBatch', `[${messages.join(', ')}]`);
}

export function invalidInput(message: string): AwsError {
  return new AwsError(400, 'InvalidInput', message);
}
