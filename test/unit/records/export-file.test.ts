import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listExport } from '../../../src/records/export-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'export-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const listOf = async (text: string) => {
  const path = join(folder, 'zone.json');
  writeFileSync(path, text);
  return (await listExport(path)).recordSets;
};

test('an export of record sets is read as the CLI prints it', async () => {
  const text = JSON.stringify({
    ResourceRecordSets: [
      {
        Name: 'a.prometheus.internal.',
        Type: 'A',
        SetIdentifier: 'blue',
        Weight: 1,
        AliasTarget: { HostedZoneId: 'Z1', DNSName: 'x.', EvaluateTargetHealth: false },
      },
      { Name: '\\052.internal.', Type: 'CNAME', TTL: 1, ResourceRecords: [{ Value: 'x' }] },
    ],
  });
  expect(await listOf(text)).toEqual([
    { name: 'a.prometheus.internal.', type: 'A', setIdentifier: 'blue' },
    { name: '\\052.internal.', type: 'CNAME' },
  ]);
});

test('an empty zone is an answer', async () => {
  expect(await listOf('{"ResourceRecordSets": []}')).toEqual([]);
});

test.each([
  ['JSON that is cut', '{"ResourceRecordSets": [', 'is not JSON'],
  ['nothing', '', 'is not JSON'],
  [
    'something else',
    '{"HostedZones": []}',
    'is not an export of record sets (see ResourceRecordSets)',
  ],
  ['null', 'null', 'is not an export of record sets (see its top)'],
  [
    'a record set without a type',
    '{"ResourceRecordSets": [{"Name": "a."}]}',
    'is not an export of record sets (see ResourceRecordSets.0.Type)',
  ],
])('%s is refused, not read as a zone', async (_, text, why) => {
  await expect(listOf(text)).rejects.toMatchObject({
    code: 'records-unreadable',
    message: `the records file ${join(folder, 'zone.json')} ${why}`,
  });
});

test.each([
  ['a page of several', '{"ResourceRecordSets": [], "IsTruncated": true}'],
  ['an export with --max-items', '{"ResourceRecordSets": [], "NextToken": "x"}'],
])('%s is refused, and to be made again as a whole', async (_, text) => {
  await expect(listOf(text)).rejects.toMatchObject({
    code: 'records-unreadable',
    message: `the records file ${join(folder, 'zone.json')} is only part of the zone`,
    remedy: 'Export it again without --max-items or --no-paginate.',
  });
});

test('a file that is not there is named', async () => {
  const path = join(folder, 'none.json');
  await expect(listExport(path)).rejects.toMatchObject({
    code: 'records-unreadable',
    message: `the records file ${path} cannot be read (ENOENT)`,
    cause: { code: 'ENOENT' },
  });
});
