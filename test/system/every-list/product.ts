import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll } from 'vitest';
import type { Report } from '../../../src/report.ts';
import { spawned } from '../acceptance/cli.ts';

/** A folder with settings in it, and the command line run there. */
export function workplace(env: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'federation-sync-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: string[]) => spawned(folder, args, env);
  return {
    folder,
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
    run,
    /** `--json` of a command, and its exit code. */
    report: async (...args: string[]): Promise<Report & { code: number }> => {
      const { code, stdout, stderr } = await run(...args, '--json');
      if (stdout === '') throw new Error(`no report: ${stderr}`);
      return { ...JSON.parse(stdout), code };
    },
  };
}

/** A Route 53 that the SDK talks to, with zones that tests fill. */
export function zonesAt(endpoint: string) {
  const client = new Route53Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  });
  const change = (zone: string, action: 'UPSERT' | 'DELETE', records: readonly ZoneRecord[]) =>
    client.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: zone,
        ChangeBatch: {
          Changes: records.map((record) => ({ Action: action, ResourceRecordSet: toSet(record) })),
        },
      }),
    );
  return {
    async create(name: string, options: { private: boolean }): Promise<string> {
      const { HostedZone } = await client.send(
        new CreateHostedZoneCommand({
          Name: name,
          CallerReference: crypto.randomUUID(),
          HostedZoneConfig: { PrivateZone: options.private },
          ...(options.private && { VPC: { VPCRegion: 'us-east-1', VPCId: 'vpc-1' } }),
        }),
      );
      return (HostedZone?.Id ?? '').replace('/hostedzone/', '');
    },
    upsert: (zone: string, ...records: ZoneRecord[]) => change(zone, 'UPSERT', records),
    remove: (zone: string, ...records: ZoneRecord[]) => change(zone, 'DELETE', records),
  };
}

/** A CNAME; with an identifier, one of a weighted set. */
export interface ZoneRecord {
  readonly name: string;
  readonly identifier?: string;
}

function toSet({ name, identifier }: ZoneRecord) {
  return {
    Name: name,
    Type: 'CNAME' as const,
    TTL: 60,
    ResourceRecords: [{ Value: 'internal.elb.amazonaws.com' }],
    ...(identifier !== undefined && { SetIdentifier: identifier, Weight: 1 }),
  };
}
