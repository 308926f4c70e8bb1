import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listExport } from '../../src/records/export-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'export-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const listOf = (text: string) => {
  const path = join(folder, 'zone.json');
  writeFileSync(path, text);
  return listExport(path);
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
  ['something else', '{"HostedZones": []}', 'see ResourceRecordSets'],
  ['null', 'null', 'see its top'],
  [
    'a record set without a type',
    '{"ResourceRecordSets": [{"Name": "a."}]}',
    'see ResourceRecordSets.0.Type',
  ],
  ['a page of several', '{"ResourceRecordSets": [], "IsTruncated": true}', 'only a part'],
  ['an export with --max-items', '{"ResourceRecordSets": [], "NextToken": "x"}', 'only a part'],
])('%s is refused, not read as a zone', async (_, text, why) => {
  await expect(listOf(text)).rejects.toMatchObject({
    code: 'records-unreadable',
    message: expect.stringContaining(why),
  });
});

test('a file that is not there is named', async () => {
  await expect(listExport(join(folder, 'none.json'))).rejects.toMatchObject({
    code: 'records-unreadable',
    message: expect.stringContaining('none.json cannot be read (ENOENT)'),
  });
});
