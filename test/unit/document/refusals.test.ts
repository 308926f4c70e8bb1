import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openList } from '../../../src/document/document.ts';
import type { FaultCode } from '../../../src/fault.ts';
import type { Format } from '../../../src/formats.ts';

const unsafe = (what: string) => `The list cannot be managed safely: ${what}.`;
const broken = (what: string) => `The document is not valid YAML: ${what}.`;
const missing = (what: string) => `The document has no scrape config named "federate": ${what}.`;
const other = (is: Format, not: Format) => `The document has the format ${is}, not ${not}.`;
const noJson = 'The document must be JSON, since its name ends in .json.';

/** The fixture `NAME.bad.yml`, the code, and the message, which never quotes the document. */
const CASES: readonly [name: string, code: FaultCode, message: string][] = [
  ['bare-empty', 'job-missing', 'The document is empty: it has no scrape configs.'],
  ['bare-mapping', 'document-format', other('static_configs', 'scrape_configs')],
  ['empty-scrape-configs', 'job-missing', missing('it has none')],
  ['empty', 'job-missing', 'The document is empty: it has no scrape_configs.'],
  [
    'endpoint-number-list',
    'document-unsafe',
    unsafe('an address must be text (line 2, column 12)'),
  ],
  ['endpoint-text', 'document-unsafe', unsafe('an endpoint must be a mapping (line 1, column 13)')],
  ['endpoints-groups', 'document-format', other('file_sd', 'thanos_endpoints')],
  [
    'endpoints-list',
    'document-unsafe',
    unsafe('the document must be a mapping with endpoints (line 1, column 1)'),
  ],
  [
    'endpoints-flow',
    'document-unsafe',
    unsafe('with settings, it must be written in lines, without aliases (line 1, column 1)'),
  ],
  [
    'endpoints-missing',
    'document-unsafe',
    unsafe('it has settings, but no endpoints (line 1, column 1)'),
  ],
  [
    'endpoints-shared',
    'document-unsafe',
    unsafe('with settings, it must be written in lines, without aliases (line 1, column 1)'),
  ],
  ['groups-endpoints', 'document-format', other('thanos_endpoints', 'file_sd')],
  ['groups-jobs', 'document-format', other('scrape_configs', 'file_sd')],
  ['endpoints-text', 'document-unsafe', unsafe('endpoints must be a list (line 1, column 12)')],
  [
    'group-more',
    'document-unsafe',
    unsafe('a target group must only have targets and labels (line 5, column 17)'),
  ],
  ['group-targets-twice', 'document-unsafe', unsafe('duplicate key (line 5, column 9)')],
  ['group-text', 'document-unsafe', unsafe('a target group must be a mapping (line 3, column 22)')],
  ['groups-broken-json', 'document-broken', noJson],
  [
    'groups-mapping',
    'document-unsafe',
    unsafe('the document must be a list of target groups (line 1, column 1)'),
  ],
  [
    'groups-more',
    'document-unsafe',
    unsafe('a target group must only have targets and labels (line 2, column 11)'),
  ],
  ['groups-yaml-for-json', 'document-broken', noJson],
  [
    'job-alias',
    'document-unsafe',
    unsafe('the job "federate" must not be an alias (line 4, column 5)'),
  ],
  ['job-missing', 'job-missing', missing('it has node, kube?let, 12')],
  [
    'job-name-merged-by-list',
    'document-unsafe',
    unsafe('a merge key sets job_name (line 4, column 5)'),
  ],
  ['job-name-merged', 'document-unsafe', unsafe('a merge key sets job_name (line 4, column 5)')],
  [
    'job-name-overridden',
    'document-unsafe',
    unsafe('a merge key sets job_name (line 5, column 5)'),
  ],
  ['job-name-twice', 'document-unsafe', unsafe('duplicate key job_name (line 3, column 5)')],
  [
    'job-repeated',
    'document-unsafe',
    unsafe('an alias repeats the job elsewhere (line 4, column 9)'),
  ],
  [
    'job-single-pair',
    'document-unsafe',
    unsafe('the job must be a mapping in brackets (line 1, column 18)'),
  ],
  ['job-twice-by-merge', 'job-twice', 'The document has 2 scrape configs named "federate".'],
  ['job-twice', 'job-twice', 'The document has 2 scrape configs named "federate".'],
  ['label-list', 'document-unsafe', unsafe('a label value must be text (line 5, column 23)')],
  ['label-name-list', 'document-unsafe', unsafe('a key must be text (line 5, column 18)')],
  ['label-name-null', 'document-unsafe', unsafe('a key must be text (line 5, column 18)')],
  ['label-twice', 'document-unsafe', unsafe('duplicate key (line 5, column 29)')],
  ['labels-list', 'document-unsafe', unsafe('labels must be a mapping (line 5, column 17)')],
  [
    'list-alias',
    'document-unsafe',
    unsafe('static_configs must not be an alias (line 5, column 21)'),
  ],
  [
    'list-anchored',
    'document-unsafe',
    unsafe('static_configs must not have an anchor (line 3, column 21)'),
  ],
  [
    'list-explicit-key',
    'document-unsafe',
    unsafe('the key must be followed by a colon on its line (line 3, column 7)'),
  ],
  [
    'list-key-without-colon',
    'document-unsafe',
    unsafe('the key must be followed by a colon on its line (line 1, column 39)'),
  ],
  ['list-mapping', 'document-unsafe', unsafe('static_configs must be a list (line 4, column 7)')],
  [
    'list-merge-broken',
    'document-unsafe',
    unsafe('a merge key must refer to a mapping (line 3, column 9)'),
  ],
  ['list-merged', 'document-unsafe', unsafe('a merge key sets static_configs (line 5, column 5)')],
  [
    'list-overridden',
    'document-unsafe',
    unsafe('a merge key sets static_configs (line 6, column 5)'),
  ],
  [
    'list-repeated-in-part',
    'document-unsafe',
    unsafe('an alias repeats a part of the list elsewhere (line 9, column 17)'),
  ],
  ['list-root', 'document-format', other('scrape_configs', 'static_configs')],
  ['list-set', 'document-unsafe', unsafe('static_configs must be a list (line 3, column 21)')],
  [
    'list-tagged',
    'document-unsafe',
    unsafe('the tag changes the meaning of the value (line 3, column 21)'),
  ],
  ['list-text', 'document-unsafe', unsafe('static_configs must be a list (line 3, column 21)')],
  ['list-twice', 'document-unsafe', unsafe('duplicate key static_configs (line 4, column 5)')],
  ['no-scrape-configs', 'job-missing', 'The document has no scrape_configs.'],
  ['null-root', 'job-missing', 'The document is empty: it has no scrape_configs.'],
  ['null-scrape-configs', 'job-missing', 'The document has no scrape_configs.'],
  [
    'open-end',
    'document-unsafe',
    unsafe('the document ends in a block scalar without a line break (line 2, column 5)'),
  ],
  [
    'password-as-tag-handle',
    'document-broken',
    broken('undeclared tag handle (line 3, column 26)'),
  ],
  [
    'password-as-tag',
    'document-broken',
    broken('tag suffix cannot contain flow indicator characters (line 3, column 27)'),
  ],
  ['password-in-bad-line', 'document-broken', broken('deficient indentation (line 5, column 1)')],
  [
    'scrape-configs-alias',
    'document-unsafe',
    unsafe('scrape_configs must not be an alias (line 3, column 17)'),
  ],
  [
    'scrape-configs-mapping',
    'document-unsafe',
    unsafe('scrape_configs must be a list (line 2, column 3)'),
  ],
  [
    'scrape-configs-merged',
    'document-unsafe',
    unsafe('a merge key sets scrape_configs (line 4, column 1)'),
  ],
  [
    'scrape-configs-repeated',
    'document-unsafe',
    unsafe('an alias repeats the job elsewhere (line 3, column 4)'),
  ],
  [
    'scrape-configs-twice',
    'document-unsafe',
    unsafe('duplicate key scrape_configs (line 3, column 1)'),
  ],
  ['several-documents', 'document-unsafe', 'The text must be one YAML document.'],
  [
    'tab-indentation',
    'document-broken',
    broken('tab characters must not be used in indentation (line 2, column 1)'),
  ],
  [
    'target-binary',
    'document-unsafe',
    unsafe('the tag changes the meaning of the value (line 4, column 19)'),
  ],
  ['target-mapping', 'document-unsafe', unsafe('a target must be text (line 5, column 13)')],
  ['targets-text', 'document-unsafe', unsafe('targets must be a list (line 4, column 18)')],
  [
    'text-root',
    'document-unsafe',
    unsafe('the document must be a mapping with scrape_configs (line 1, column 1)'),
  ],
  ['unknown-alias', 'document-broken', broken('unknown alias (line 3, column 17)')],
];

const fixtures = new URL('./fixtures/', import.meta.url);

function formatOf(name: string): Format {
  if (name.startsWith('bare')) return 'scrape_configs';
  if (name.startsWith('groups')) return 'file_sd';
  return name.startsWith('endpoint') ? 'thanos_endpoints' : 'static_configs';
}

describe('a document is refused, and nothing written', () => {
  test.each(CASES)('%s: %s', (name, code, message) => {
    const text = readFileSync(new URL(`${name}.bad.yml`, fixtures), 'utf8');
    const owner = { format: formatOf(name), job: 'federate', json: name.includes('json') };
    const write = () => openList(text, owner).write([{ address: 'a.example.com', labels: {} }]);
    expect(write).toThrow(expect.objectContaining({ code, message, cause: undefined }));
    expect(message).not.toMatch(/s3cret/);
  });

  test('every fixture is in the table', () => {
    const files = readdirSync(fixtures).map((file) => file.replace('.bad.yml', ''));
    expect(files.sort()).toEqual(CASES.map(([name]) => name).sort());
  });
});

test.each([
  ['thanos_endpoints', '[]\n'],
  ['file_sd', 'a: b\n'],
] as const)('a document that should be ours as a whole says what to do: %s', (format, text) => {
  expect(() => openList(text, { format, job: '' })).toThrow(
    expect.objectContaining({
      remedy: 'Use a separate document for the list: it is rendered as a whole.',
    }),
  );
});

test('a document of another format says which', () => {
  expect(() => openList('- targets: [a]\n', { format: 'thanos_endpoints', job: '' })).toThrow(
    expect.objectContaining({
      remedy: 'Set format: file_sd, or use another key or object for this list.',
    }),
  );
});

describe('a list is refused', () => {
  const job = (value: string, more = '') =>
    `x: &x {static_configs: []}\ny: &y {<<: *x}\nscrape_configs:\n- job_name: federate\n  static_configs: ${value}\n${more}`;
  test.each([
    [
      'a tag on a group',
      job('[!x {targets: [a]}]'),
      'the tag changes the meaning of the value (line 5, column 20)',
    ],
    [
      'a tag on targets',
      job('[{targets: !x [a]}]'),
      'the tag changes the meaning of the value (line 5, column 30)',
    ],
    [
      'a tag on labels',
      job('[{labels: !x {}}]'),
      'the tag changes the meaning of the value (line 5, column 29)',
    ],
    [
      'a value that is nothing',
      job('[{a: }]'),
      'a target group must only have targets and labels (line 5, column 22)',
    ],
    [
      'a merge key with a text',
      job('[{<<: [*x, y]}]'),
      'a merge key must refer to a mapping (line 5, column 25)',
    ],
    [
      'a merge of merges',
      job('[]', '  <<: *y\n'),
      'a merge key sets static_configs (line 6, column 3)',
    ],
    [
      'a part of it that the next key repeats',
      job('[{targets: [&z old]}]', '  *z : y\n'),
      'an alias repeats a part of the list elsewhere (line 6, column 3)',
    ],
    [
      'a document that repeats itself',
      `&r\n${job('[]')}z: *r\n`,
      'an alias repeats the job elsewhere (line 7, column 4)',
    ],
  ])('for %s', (_, text, what) => {
    const owner = { format: 'static_configs', job: 'federate' } as const;
    expect(() => openList(text, owner).write([])).toThrow(
      expect.objectContaining({ code: 'document-unsafe', message: unsafe(what) }),
    );
  });

  test('for an endpoint without an address', () => {
    const owner = { format: 'thanos_endpoints', job: '' } as const;
    expect(() => openList('endpoints: [{}]', owner)).toThrow(
      unsafe('an endpoint must have an address (line 1, column 13)'),
    );
  });
});

describe('a missing job', () => {
  test('passes over what is no name', () => {
    const text = 'scrape_configs:\n- job_name: [x]\n- {}\n- y\n- job_name: z\n';
    const owner = { format: 'static_configs', job: 'federate' } as const;
    expect(() => openList(text, owner)).toThrow(missing('it has z'));
  });

  test('names at most twenty of the jobs that are there', () => {
    const jobs = Array.from({ length: 23 }, (_, i) => `  - job_name: ${'x'.repeat(100)}${i}\n`);
    const open = () =>
      openList(`scrape_configs:\n${jobs.join('')}`, { format: 'static_configs', job: 'federate' });
    const names = Array.from({ length: 20 }, () => 'x'.repeat(80)).join(', ');
    expect(open).toThrow(missing(`it has ${names} and 3 more`));
  });

  test('is said of a document that is not there', () => {
    const open = () => openList(undefined, { format: 'static_configs', job: 'federate' });
    expect(open).toThrow(expect.objectContaining({ code: 'job-missing' }));
  });
});
