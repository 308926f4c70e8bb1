import { randomUUID } from 'node:crypto';
import {
  type ChangeAction,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { Moto } from '../../support/parts/moto.ts';
import { startNamed } from '../../support/parts/named.ts';
import { onStandardPort } from '../../support/parts/private-dns.ts';
import { change } from '../infra/cloudtrail.ts';
import type { Leaf } from './leaf.ts';

/** A name, and the address that it leads to. */
type Named = Pick<Leaf, 'name' | 'host'>;

/** A private zone: its records in Route 53, and the server that answers for its names. */
export interface Zone {
  readonly id: string;
  /** Address of the DNS server, port 53. */
  readonly resolver: string;
  /** Settles when Route 53 and the DNS server know the name. @returns what CloudTrail says of it */
  register(leaf: Named): Promise<object>;
  deregister(leaf: Named): Promise<object>;
  stop(): Promise<void>;
}

export async function startZone(name: string, moto: Moto): Promise<Zone> {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = moto.env;
  const region = 'eu-west-1';
  const client = new Route53Client({
    endpoint: moto.endpoint,
    region,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
  const created = await client.send(
    new CreateHostedZoneCommand({
      Name: name,
      CallerReference: randomUUID(),
      HostedZoneConfig: { PrivateZone: true },
      VPC: { VPCRegion: region, VPCId: 'vpc-0a1b2c3d4e5f60718' },
    }),
  );
  const id = created.HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
  const named = await startNamed({ zone: name, records: [] });
  const standard = await onStandardPort(named);
  const registered = new Set<Named>();

  async function announce(leaf: Named, action: ChangeAction): Promise<object> {
    if (action === 'DELETE') registered.delete(leaf);
    else registered.add(leaf);
    await named.update([...registered].map(({ name, host }) => ({ name, type: 'A', value: host })));
    const ResourceRecords = [{ Value: leaf.host }];
    const set = { Name: leaf.name, Type: 'A', TTL: 60, ResourceRecords } as const;
    const Changes = [{ Action: action, ResourceRecordSet: set }];
    await client.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Changes } }),
    );
    return heard(id, action, leaf.name);
  }

  return {
    id,
    resolver: standard.host,
    register: (leaf) => announce(leaf, 'UPSERT'),
    deregister: (leaf) => announce(leaf, 'DELETE'),
    async stop() {
      client.destroy();
      await standard.stop();
      await named.stop();
    },
  };
}

/** The event that EventBridge delivers. */
function heard(zone: string, action: ChangeAction, name: string): object {
  const event = structuredClone(change);
  const resourceRecordSet = { name, type: 'A', tTL: 60 };
  event.detail.requestParameters = {
    hostedZoneId: zone,
    changeBatch: { changes: [{ action, resourceRecordSet }] },
  };
  return event;
}
