import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { folderWith, run } from '../../unit/commands/run.ts';
import { readIndependently } from '../../unit/document/read-independently.ts';

// Names of records, and their set identifiers, as someone would choose them who may write to the zone.

const DOCUMENT = `# kept
global: {scrape_interval: 15s}
scrape_configs:
  - job_name: federate # kept
    static_configs: []
  - job_name: other
    static_configs: [{targets: [localhost:9090]}]
`;
const SETTINGS = `jobs:
- job: federate
  from: [{records: zone.json}]
  select: {name: '^(?<value>[^]*)\\.prometheus\\.internal$'}
  target: '{host}:9090'
  labels: {clusterID: '{label}', value: '{value}', zone: 'a {value} b'}
  guard: {minTargets: 0}
  to: {file: prometheus.yml}
- name: as-json
  from: [{records: zone.json}]
  select: {name: 'internal'}
  labels: {clusterID: '{label}', host: '{host}'}
  guard: {minTargets: 0}
  to: {file: targets.json, format: file_sd}
- name: thanos
  from: [{records: zone.json}]
  select: {name: 'internal'}
  target: '{host}:10901'
  guard: {minTargets: 0}
  to: {file: endpoints.yml, format: thanos_endpoints}
`;

const NAMES = [
  'yes',
  'null',
  '0123',
  '1e3',
  '1:30',
  '2026-11-23',
  '__proto__',
  'constructor',
  'xn--bcher-kva',
  'xn--80ak6aa92e',
  'a'.repeat(63),
  '-',
  '--',
  '---',
  '-a-',
  '_dmarc',
  '_http._tcp',
  ...[
    'a'.repeat(64),
    'a\\040b',
    'a: b',
    'a\\072\\040b',
    '- x',
    '# gone',
    'a\\040#b',
    '"',
    "'",
    '\\042',
  ],
  ...[
    '{}',
    '[]',
    '*',
    '\\052',
    '&a',
    '*a',
    '!!python/object',
    '|',
    '>',
    '%YAML',
    '@',
    '`',
    '?',
    ':',
  ],
  ...[
    'a\\012b',
    'a\nb: c',
    'a\\015b',
    'a\\000b',
    'a\\033[2Jb',
    '\u001b]0;x\u0007',
    'a\tb',
    '\u0085',
    '\u2028',
  ],
  ...[
    '\ufeff',
    '\u202e',
    'bücher',
    '日本',
    '😀',
    '\ud800',
    '\udfff\ud800',
    '\uffff',
    '\ufffe',
    '\\304',
  ],
  ...[
    '',
    '.',
    'a..b',
    '..',
    'a\\056b',
    'a\\134b',
    '\\',
    '\\9',
    '\\400',
    '{name}',
    '{value}',
    '$1',
    '$&',
    '$`',
  ],
  ...[
    'http://a',
    'a/b',
    'a@b',
    'a:80',
    '[::1]',
    '127.0.0.1',
    '../../etc/passwd',
    '%00',
    '$\u007bjndi:x}',
    '<script>',
  ],
];

const zoneFile = (names: readonly string[]) =>
  JSON.stringify({
    ResourceRecordSets: names.map((name) => ({
      Name: `${name}.prometheus.internal.`,
      Type: 'CNAME',
      SetIdentifier: name,
    })),
  });

async function check(names: readonly string[]): Promise<void> {
  const folder = folderWith({
    'federation-sync.yml': SETTINGS,
    'zone.json': zoneFile(names),
    'prometheus.yml': DOCUMENT,
    'targets.json': '[]',
    'endpoints.yml': 'endpoints: []\n',
  });
  const planned = await run(folder, ['plan', '--verbose']);
  for (const text of [planned.stdout, planned.stderr]) {
    // What a terminal would obey, or what would make one line two.
    expect(text.replaceAll('\n', '')).not.toMatch(
      /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u,
    );
  }
  const rendered = await run(folder, ['render', '--json']);
  expect(rendered.code).toBe(0);
  expect(planned.code).toBe(0);
  const report = await run(folder, ['plan', '--json']);
  const documents = rendered.json as Record<string, string>;
  const text = documents['file:prometheus.yml'] ?? '';
  const before = readIndependently(DOCUMENT, 'federate', false);
  const after = readIndependently(text, 'federate', false);
  expect(after.rest).toEqual(before.rest);
  const [ours, ...more] = report.json.jobs;
  expect(more).toHaveLength(2);
  expect(after.targets.map(({ address }) => address)).toEqual(ours.added);
  for (const { address, labels } of after.targets) {
    expect(address).toMatch(/^[a-z0-9_.-]+\.prometheus\.internal:9090$/);
    const [host = ''] = address.split(':');
    const value = host.replace(/\.prometheus\.internal$/, '');
    expect(labels).toEqual({ clusterID: host.split('.')[0], value, zone: `a ${value} b` });
  }
  // Every record set is a target or is skipped, with a reason.
  expect(ours.records).toBe(ours.targets + ours.skipped.length + duplicates(names));
  const groups = JSON.parse(documents['file:targets.json'] ?? '') as { targets: string[] }[];
  expect(groups.flatMap(({ targets }) => targets)).toEqual(more[0].added);
  const { endpoints } = parse(documents['file:endpoints.yml'] ?? '') as {
    endpoints: { address: string }[];
  };
  expect(endpoints.map(({ address }) => address)).toEqual(more[1].added);
}

/** Names that differ in case only, or not at all, stand for one target. */
function duplicates(names: readonly string[]): number {
  const usable = names
    .map((name) => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
    .filter((name) => /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(name));
  return usable.length - new Set(usable).size;
}

test('each of these is a target that reads back as it is, or is skipped', () => check(NAMES));

describe.each([0, 1, 2, 3, 4])('part %i of them alone', (part) => {
  test('does the same', () => check(NAMES.filter((_, i) => i % 5 === part)));
});

test('so is any other', async () => {
  const label = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom(...'\\01234567: -#{}[]*&!|>\'"%@`a.\n\u001b'),
      maxLength: 12,
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(label, { maxLength: 12 }), (names) => check(names)),
    { numRuns: 10 },
  );
});
