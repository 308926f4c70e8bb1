import { randomBytes } from 'node:crypto';
import { applyChanges, invalidInput, readChanges } from './aws/change-batch.ts';
import { AwsError, defaultRefusal } from './aws/error.ts';
import { accountOf, type Identity, type Principal, policyArn } from './aws/identity.ts';
import { canonicalName, nameOrder } from './aws/record-name.ts';
import {
  changeInfo,
  details,
  errorResponse,
  listing,
  maxItems,
  summary,
  xml,
} from './aws/route53-xml.ts';
import { type RecordSet, Zone, type ZoneOptions } from './aws/zones.ts';
import type { Refusal } from './faults.ts';
import type { WireRequest, WireResponse } from './wire/server.ts';
import { childText, readXml, type XmlElement } from './wire/xml.ts';

type Identified = Pick<RecordSet, 'Name' | 'Type' | 'SetIdentifier'>;

/** Route 53's REST-XML API of 2013-04-01 over zones in memory, and those zones for tests to set up. */
export class Route53 {
  readonly #identity: Identity;
  readonly #zones = new Map<string, Zone>();

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  /** Returns the zone's id. */
  createZone(options: ZoneOptions): string {
    const id = options.id ?? `Z${randomBytes(10).toString('hex').toUpperCase()}`;
    this.#zones.set(id, new Zone({ ...options, id }));
    return id;
  }

  deleteZone(id: string): void {
    this.#zones.delete(id);
  }

  /** Creates or replaces record sets. Nothing is validated, so that a test can have what it likes. */
  upsert(zoneId: string, records: readonly RecordSet[]): void {
    for (const record of records) this.#zone(zoneId).put(record);
  }

  delete(zoneId: string, records: readonly Identified[]): void {
    for (const record of records) this.#zone(zoneId).remove(record);
  }

  /** All record sets (or those of one name), in listing order. */
  records(zoneId: string, name?: string): RecordSet[] {
    const zone = this.#zone(zoneId);
    return name === undefined ? zone.records() : zone.at(name);
  }

  operation({ method, path }: WireRequest): string {
    return route(method, path)?.operation ?? `${method} ${path}`;
  }

  answer(request: WireRequest, principal: Principal): WireResponse {
    const found = route(request.method, request.path);
    if (!found) throw new AwsError(404, 'UnknownOperationException', 'Unknown operation');
    if (found.operation === 'GetChange') {
      return xml('GetChangeResponse', { ChangeInfo: { ...changeInfo(), Status: 'INSYNC' } });
    }
    const zone = found.id === undefined ? undefined : this.#visible(principal, found);
    switch (found.operation) {
      case 'ListResourceRecordSets':
        return listing(zone as Zone, request.query);
      case 'ChangeResourceRecordSets':
        applyChanges(zone as Zone, readChanges(parse(request.body)));
        return xml('ChangeResourceRecordSetsResponse', { ChangeInfo: changeInfo() });
      case 'GetHostedZone':
        return xml('GetHostedZoneResponse', details(zone as Zone));
      case 'DeleteHostedZone':
        if ((zone as Zone).size > 2) {
          throw new AwsError(
            400,
            'HostedZoneNotEmpty',
            'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
          );
        }
        this.deleteZone((zone as Zone).id);
        return xml('DeleteHostedZoneResponse', { ChangeInfo: changeInfo() });
      case 'CreateHostedZone':
        this.#identity.authorize(principal, 'route53:CreateHostedZone', '*');
        return this.#create(parse(request.body));
      case 'ListHostedZones':
        this.#identity.authorize(principal, 'route53:ListHostedZones', '*');
        return this.#list(principal, request.query);
      default:
        this.#identity.authorize(principal, 'route53:ListHostedZonesByName', '*');
        return this.#listByName(principal, request.query);
    }
  }

  refuse({ status, headers, ...said }: Refusal): WireResponse {
    const { code, message } = { ...defaultRefusal(status), ...said };
    const { headers: own, ...response } = errorResponse(new AwsError(status, code, message));
    return { ...response, headers: { ...own, ...headers } };
  }

  /** The zone, if the caller may do this with it. */
  #visible(principal: Principal, { id = '', operation }: Route): Zone {
    this.#identity.authorize(
      principal,
      `route53:${operation}`,
      `arn:aws:route53:::hostedzone/${id}`,
    );
    if (id.length > 32) {
      throw invalidInput(
        `1 validation error detected: Value '${id}' at 'id' failed to satisfy constraint: Member must have length less than or equal to 32`,
      );
    }
    const zone = this.#zones.get(id);
    if (!zone) throw noSuchZone(id);
    const account = zone.options.account ?? this.#identity.account;
    const readers = zone.options.readableBy;
    if (
      account !== accountOf(principal.arn) ||
      (readers && !readers.includes(principal.arn) && !readers.includes(policyArn(principal.arn)))
    ) {
      throw new AwsError(
        403,
        'AccessDenied',
        `User: ${principal.arn} is not authorized to access this resource`,
      );
    }
    return zone;
  }

  #zone(id: string): Zone {
    const zone = this.#zones.get(id);
    if (!zone) throw new Error(`the emulator has no zone ${id}`);
    return zone;
  }

  #create(body: XmlElement): WireResponse {
    const vpc = body.children.find((one) => one.name === 'VPC');
    const config = body.children.find((one) => one.name === 'HostedZoneConfig');
    const reference = childText(body, 'CallerReference') ?? '';
    if ([...this.#zones.values()].some((one) => one.options.callerReference === reference)) {
      throw new AwsError(
        409,
        'HostedZoneAlreadyExists',
        `A hosted zone has already been created with the specified caller reference.`,
      );
    }
    const id = this.createZone({
      name: childText(body, 'Name') ?? '',
      private: vpc !== undefined,
      callerReference: reference,
      comment: childText(config, 'Comment') ?? '',
      vpcs: vpc
        ? [
            {
              VPCRegion: childText(vpc, 'VPCRegion') ?? '',
              VPCId: childText(vpc, 'VPCId') ?? '',
            },
          ]
        : [],
    });
    const { HostedZone, VPCs, DelegationSet } = details(this.#zone(id));
    return xml(
      'CreateHostedZoneResponse',
      { HostedZone, ChangeInfo: changeInfo(), DelegationSet, ...VPCs },
      201,
    );
  }

  #owned(principal: Principal): Zone[] {
    const account = accountOf(principal.arn);
    return [...this.#zones.values()].filter(
      (zone) => (zone.options.account ?? this.#identity.account) === account,
    );
  }

  #list(principal: Principal, query: URLSearchParams): WireResponse {
    const limit = maxItems(query.get('maxitems'), 100);
    const marker = query.get('marker');
    const zones = this.#owned(principal).sort((a, b) => (a.id < b.id ? -1 : 1));
    const from = marker === null ? 0 : zones.findIndex((zone) => zone.id === marker);
    if (from < 0) throw noSuchZone(marker ?? '');
    const next = zones[from + limit];
    return xml('ListHostedZonesResponse', {
      HostedZones: { HostedZone: zones.slice(from, from + limit).map(summary) },
      ...(marker === null ? {} : { Marker: marker }),
      IsTruncated: next !== undefined,
      NextMarker: next?.id,
      MaxItems: limit,
    });
  }

  #listByName(principal: Principal, query: URLSearchParams): WireResponse {
    const limit = maxItems(query.get('maxitems'), 100);
    const [name, id] = [query.get('dnsname'), query.get('hostedzoneid')];
    if (id && !name) throw invalidInput('dnsname is required where hostedzoneid is given');
    const order = (zone: Zone) => `${nameOrder(zone.name)} ${zone.id}`;
    const from = name === null ? '' : `${nameOrder(name)} ${id ?? ''}`;
    const zones = this.#owned(principal)
      .sort((a, b) => (order(a) < order(b) ? -1 : 1))
      .filter((zone) => order(zone) >= from);
    const next = zones[limit];
    return xml('ListHostedZonesByNameResponse', {
      HostedZones: { HostedZone: zones.slice(0, limit).map(summary) },
      DNSName: name === null ? undefined : canonicalName(name),
      HostedZoneId: id ?? undefined,
      IsTruncated: next !== undefined,
      NextDNSName: next?.name,
      NextHostedZoneId: next?.id,
      MaxItems: limit,
    });
  }
}

interface Route {
  readonly operation: string;
  readonly id?: string;
}

function route(method: string, path: string): Route | undefined {
  const [version, collection, id, part] = path.split('/').slice(1).map(decodeURIComponent);
  if (version !== '2013-04-01') return undefined;
  if (collection === 'hostedzonesbyname') return { operation: 'ListHostedZonesByName' };
  if (collection === 'change' && id) return { operation: 'GetChange', id };
  if (collection !== 'hostedzone') return undefined;
  const verb = `${method} ${id ? 'zone' : ''}${part ? ` ${part}` : ''}`;
  const operation = OPERATIONS[verb];
  return operation === undefined ? undefined : { operation, ...(id ? { id } : {}) };
}

const OPERATIONS: Record<string, string> = {
  'GET ': 'ListHostedZones',
  'POST ': 'CreateHostedZone',
  'GET zone': 'GetHostedZone',
  'DELETE zone': 'DeleteHostedZone',
  'GET zone rrset': 'ListResourceRecordSets',
  'POST zone rrset': 'ChangeResourceRecordSets',
};

function noSuchZone(id: string): AwsError {
  return new AwsError(404, 'NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
}

function parse(body: Buffer): XmlElement {
  try {
    return readXml(body.toString());
  } catch (cause) {
    throw invalidInput(`Invalid XML ; ${String(cause)}`);
  }
}
