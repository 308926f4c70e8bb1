import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RRType } from '@aws-sdk/client-route-53';
import { expect, onTestFinished, test } from 'vitest';
import { listExport } from '../../../src/records/export-file.ts';
import { localValues } from '../../../src/records/local-values.ts';
import { Route53 } from '../../../src/records/route53.ts';
import { startAws } from '../../support/emulators/aws.ts';
import { folderWith } from '../commands/run.ts';
import { clientOf } from './contract.ts';

test.each<[string, string]>([
  ['A', '127.0.0.1'],
  ['A', '127.255.255.255'],
  ['A', '169.254.169.254'],
  ['A', '169.254.170.2'],
  ['A', '0.0.0.0'],
  ['AAAA', '::1'],
  ['AAAA', '0:0:0:0:0:0:0:1'],
  ['AAAA', '::'],
  ['AAAA', 'fe80::1'],
  ['AAAA', 'FEBF:ffff::1'],
  ['AAAA', '::ffff:127.0.0.1'],
  ['AAAA', '::ffff:7f00:1'],
  ['AAAA', '0:0:0:0:0:ffff:a9fe:a9fe'],
  ['AAAA', '::ffff:0.0.0.0'],
  ['AAAA', 'fd00:ec2::254'],
  ['AAAA', 'fd00:ec2::23'],
  ['CNAME', 'localhost'],
  ['CNAME', 'a.LOCALHOST.'],
])('%s %s is local', (type, value) => {
  expect(localValues(type, ['10.0.0.1', value])).toEqual([value]);
});

test.each<[string, string]>([
  ['A', '10.0.0.1'],
  ['A', '126.255.255.255'],
  ['A', '128.0.0.1'],
  ['A', '169.253.1.1'],
  ['A', '1.127.0.0'],
  ['A', '127.1'],
  ['A', ''],
  ['AAAA', '2001:db8::1'],
  ['AAAA', 'fec0::1'],
  ['AAAA', 'fd00:ec3::254'],
  ['AAAA', '::ffff:10.0.0.1'],
  ['AAAA', '::2'],
  ['AAAA', 'x'],
  ['CNAME', 'localhost.example.com.'],
  ['CNAME', 'notlocalhost.'],
  ['TXT', '127.0.0.1'],
])('%s %s is not', (type, value) => {
  expect(localValues(type, [value])).toEqual([]);
});

const SETS = [
  { Name: 'loop.internal.', Type: 'A', values: ['10.0.0.1', '127.0.0.1'] },
  { Name: 'six.internal.', Type: 'AAAA', values: ['fe80::1'] },
  { Name: 'usual.internal.', Type: 'A', values: ['10.0.0.1'] },
].map(({ Name, Type, values }) => ({
  Name,
  Type: Type as RRType,
  TTL: 60,
  ResourceRecords: values.map((Value) => ({ Value })),
}));
const READ = [
  { name: 'loop.internal.', type: 'A', localValues: ['127.0.0.1'] },
  { name: 'six.internal.', type: 'AAAA', localValues: ['fe80::1'] },
  { name: 'usual.internal.', type: 'A' },
];

test('a zone and an export both show them', async () => {
  const aws = await startAws();
  onTestFinished(() => aws.close());
  aws.route53.createZone({ id: 'Z1', name: 'internal' });
  aws.route53.upsert('Z1', SETS);
  const route53 = new Route53({ client: async () => clientOf(aws.url) });
  const run = { signal: AbortSignal.timeout(10_000) };
  const { recordSets } = await route53.list({ zone: 'Z1' }, undefined, run);
  expect(recordSets.filter(({ type }) => type.startsWith('A'))).toEqual(READ);

  const folder = folderWith({});
  writeFileSync(join(folder, 'zone.json'), JSON.stringify({ ResourceRecordSets: SETS }));
  expect((await listExport(join(folder, 'zone.json'))).recordSets).toEqual(READ);
});
