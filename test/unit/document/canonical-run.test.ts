import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRun } from '../../../src/document/canonical-run.ts';
import { openList } from '../../../src/document/document.ts';
import { checkBothPaths } from './both-paths.ts';
import { dedent } from './dedent.ts';
import { generateRun } from './generate-runs.ts';
import { readIndependently } from './read-independently.ts';
import { Tape } from './yaml/tape.ts';

const owner = { format: 'static_configs', job: 'federate' } as const;
const HEAD = 'scrape_configs:\n- job_name: federate\n  static_configs:\n';
const wanted = ['x', 'y', 'z'].map((address) => ({ address, labels: { l: address } }));

const LIST = dedent`
  - targets:
      - a
    labels:
      l: 1a
      m: m
  - targets:
      - b:80
      - c
  - targets:
      - d
    labels:
      l: 'yes'
  - targets:
      - e
    labels:
      l: f
  `;

/** The list at column 2, after the head of its job. */
const document = (list: string) => HEAD + list.replaceAll(/^(?=.)/gm, '  ');
const runIn = (text: string) => readRun(text, text.indexOf('static_configs:') + 15);

test('the short text has the first and the last group', () => {
  const text = `${document(LIST)}  scheme: https\n`;
  const run = runIn(text);
  const [first = '', , , last = ''] = LIST.split(/^(?=- )/m);
  const [a, b, c, d, e] = [
    { address: 'a', labels: { l: '1a', m: 'm' } },
    { address: 'b:80', labels: {} },
    { address: 'c', labels: {} },
    { address: 'd', labels: { l: 'yes' } },
    { address: 'e', labels: { l: 'f' } },
  ];
  const short = `${document(first + last)}  scheme: https\n`;
  expect(run).toEqual({
    targets: [a, b, c, d, e],
    start: text.indexOf('- targets'),
    short,
    shortTargets: [a, e],
    omitted: text.length - short.length,
  });
});

test('the short text has the groups up to the first with labels', () => {
  const [first = '', second = '', third = '', last = ''] = LIST.split(/^(?=- )/m);
  const short = (list: string) => runIn(document(list))?.short;
  expect(short(second + second + first + third + last)).toBe(
    document(second + second + first + last),
  );
  expect(short(second + second + second)).toBe(document(second + second));
  const other = `- job_name: other\n  static_configs:\n${document(first).slice(HEAD.length)}`;
  expect(runIn(document(second + second + second) + other)?.short).toBe(
    document(second + second) + other,
  );
  expect(short(second + second + first)).toBeUndefined();
  expect(short(second + first + last)).toBeUndefined();
});

/** The list is a run, another parser reads its targets, and both paths agree. */
function isRun(text: string) {
  // That parser does not support CR.
  const expected = readIndependently(text.replaceAll('\r', '\n'), 'federate', false).targets;
  expect(runIn(text)?.targets).toEqual(expected);
  for (const targets of [wanted, [...expected.slice(1), ...expected], []]) {
    const run = { before: true, after: targets.length > 2 };
    expect(checkBothPaths({ text, ...owner }, targets)).toEqual(run);
  }
}

/** The list is parsed as a whole, and both paths agree. */
function isNoRun(text: string) {
  expect(runIn(text)).toBeUndefined();
  expect(checkBothPaths({ text, ...owner }, wanted).before).toBe(false);
}

describe('a run', () => {
  test.each<[string, string]>([
    ['is a list in our own style', document(LIST)],
    ['has CRLF', document(LIST).replaceAll('\n', '\r\n')],
    ['has CR', document(LIST).replaceAll('\n', '\r')],
    ['can end the text', document(LIST).trimEnd()],
    ['can be after comments', document(`# - targets:\n\n# é\n${LIST}`)],
    ['can be before comments', `${document(LIST)}  # a\n\n        # b\n  x: y\n`],
    ['can be before another job', `${document(LIST)}- job_name: x\n  static_configs: []\n`],
    ['can be deeper than its key', document(document(LIST).slice(HEAD.length))],
    ['can have three groups', document(LIST.replace(/- targets:\n.*d\n.*\n.*\n/, ''))],
    ['can have no labels at all', document(LIST.replaceAll(/^ {2}labels:\n(?: {4}\w.*\n)+/gm, ''))],
    ['can have its dashes under targets', document(LIST.replaceAll(/^ {4}- /gm, '  - '))],
    ['can have its dashes further right', document(LIST.replaceAll('    - ', '         - '))],
    ['can have its labels further right', document(LIST.replaceAll(/^ {4}(?=\w)/gm, '       '))],
    ['can have wide dashes', document(LIST.replaceAll(/^-|^ /gm, '$&   '))],
    ['can have a label as objects have', document(LIST.replace('m: m', 'constructor: m'))],
    ['can repeat a target', document(LIST.replace('- c', '- b:80'))],
  ])('%s', (_, text) => isRun(text));

  test.each([
    'a',
    '0',
    '_',
    '0123',
    '12e4',
    'yes',
    'nul',
    'nulls',
    'a.b-c_d/e',
    'a-',
    'a.',
    'a:80',
    'https://x.example.com/y',
    "'null'",
    "'~'",
    "'a '",
    "'a b: #'",
    "'[{&*!|>}]\"\\'",
  ])('can have %s as any scalar', (scalar) => {
    isRun(document(LIST.replace('- a', `- ${scalar}`)));
    isRun(document(LIST.replace('- c', `- ${scalar}`)));
    isRun(document(LIST.replace('- e', `- ${scalar}`)));
    isRun(document(LIST.replace('m: m', `m: ${scalar}`)));
    isRun(document(LIST.replace("'yes'", scalar)));
    isRun(document(LIST.replace('l: f\n', `l: ${scalar}\n`)));
    isRun(document(LIST.replace('m: m', `${scalar}: m`)));
  });

  test('can be a file of target groups', () => {
    for (const text of [LIST, `# ours\n${LIST}# end\n`, LIST.trimEnd()]) {
      const file = { text, format: 'file_sd', job: '' } as const;
      expect(checkBothPaths(file, wanted)).toEqual({ before: true, after: true });
    }
  });
});

describe('not a run is a list', () => {
  test.each<[string, string]>([
    ['of two groups', document(LIST.replace(/- targets:\n.*b:80[\s\S]*(?=- targets)/, ''))],
    ['with a comment between', document(LIST.replace('- targets:\n    - b', '# x\n$&'))],
    ['with an empty line', document(LIST.replace('- targets:\n    - b', '\n$&'))],
    ['with a comment on a line', document(LIST.replace('b:80', '$& # x'))],
    ['with a comment on the last line', `${document(LIST).trimEnd()} # x\n`],
    ['with spaces at the end of a line', document(LIST.replace('b:80', '$& '))],
    ['with a tab at the end of a line', document(LIST.replace('b:80', '$&\t'))],
    ['with spaces at its end', `${document(LIST).trimEnd()} \n`],
    ['with another line break', document(LIST.replace('b:80\n', 'b:80\r\n'))],
    [
      'with another break of CR',
      document(LIST).replaceAll('\n', '\r').replace('b:80\r', 'b:80\r\n'),
    ],
    ['with labels first', document(LIST.replace(/( {4}- a\n)( {2}labels[\s\S]*?)(?=- t)/, '$2$1'))],
    ['with targets between brackets', document(LIST.replace(/:\n {4}- a/, ': [a]'))],
    ['with no targets', document(LIST.replace(/ {4}- d\n/, ''))],
    [
      'with a group that is only targets:',
      document(LIST.replace('- targets:\n    - d', '- targets:\n$&')),
    ],
    ['with no targets in the last group', document(LIST.replace(/ {4}- e\n/, ''))],
    ['with labels between brackets', document(LIST.replace(/:\n {4}l: 'yes'/, ': {l: x}'))],
    ['with empty labels', document(LIST.replace(/ {4}l: 'yes'\n/, ''))],
    ['with empty labels at first', document(LIST.replace(/ {4}l: 1a\n {4}m: m\n/, ''))],
    ['with a group between brackets', document(`${LIST}- {targets: [x]}\n`)],
    ['with an empty group at the end', document(`${LIST}-\n`)],
    ['with an empty group between', document(LIST.replace('- targets:\n    - d', '-\n$&'))],
    ['with another key', document(LIST.replace("labels:\n    l: 'yes'", 'label: x'))],
    ['with more lines in its last group', `${document(LIST)}    other: x\n`],
    ['with another label at its end', `${document(LIST)}      m: {}\n`],
    ['whose last text continues', `${document(LIST)}          g\n`],
    ['with a text on two lines', document(LIST.replace('b:80', 'b\n        b'))],
    ['with a duplicate label', document(LIST.replace('m: m', 'l: m'))],
    ['with a merge key', document(LIST.replace('m: m', '<<: {x: y}'))],
    ['with a label __proto__', document(LIST.replace('m: m', '__proto__: m'))],
    ['with a label that has no value', document(LIST.replace('m: m', 'm:'))],
    ...[' #', ' ', ', ', ':', ':\t', ' : ', '  '].map((between): [string, string] => [
      `with ${JSON.stringify(between)} between a label and its value`,
      document(LIST.replace("l: 'yes'", `l${between}x`)),
    ]),
    ['with another space before a value', document(LIST.replace('m: m', 'm:  m'))],
    ['with another space after a dash', document(LIST.replace('- c', '-  c'))],
    [
      'with another space before a key',
      document(LIST.replace('- targets:\n    - d', '-  targets:\n    - d')),
    ],
    ['with a tab after a dash', document(LIST.replaceAll('- targets', '-\ttargets'))],
    ['with a tab before an address', document(LIST.replaceAll('    - ', '  \t- '))],
    ['with another column', document(LIST.replace(' - b:80\n    - c', '- b:80\n   - c'))],
    ['with addresses left of targets', document(LIST.replaceAll('    - ', ' - '))],
    ['with labels as deep as their key', document(LIST.replaceAll(/^ {4}(?=\w)/gm, '  '))],
    ['with labels left of their key', document(LIST.replaceAll(/^ {4}(?=\w)/gm, ' '))],
    ['without a space after a dash', document(LIST.replaceAll('- targets', '-targets'))],
    ['between brackets', `${HEAD.trimEnd()} [{targets: [a]}, {targets: [b]}, {targets: [c]}]\n`],
    ['with an anchor', document(LIST.replace('- c', '- &c c'))],
    ['that is not one', HEAD],
  ])('%s', (_, text) => isNoRun(text));

  test.each([
    '',
    '~',
    'null',
    'Null',
    'NULL',
    "''",
    "'",
    "'a",
    "'it''s'",
    "'a'b",
    "'a\tb'",
    "'a\u007f'",
    "'é'",
    '"a"',
    'é',
    'a\u0085',
    'a\u2028',
    'a\0',
    '\ufeffa',
    'a:',
    'a::b',
    'a: b',
    ':a',
    'a b',
    'a #b',
    'a#b',
    '-',
    '-a',
    '.a',
    '/a',
    '- a',
    '? a',
    '[a]',
    '{a: b}',
    '&x a',
    '*x',
    '!!str a',
    '|',
    '>',
    '@a',
    '%a',
    '`a`',
    'a,b',
  ])('with %j as a scalar', (scalar) => {
    isNoRun(document(LIST.replace('- a', () => `- ${scalar}`)));
    isNoRun(document(LIST.replace('- c', () => `- ${scalar}`)));
    isNoRun(document(LIST.replace('- e', () => `- ${scalar}`)));
    isNoRun(document(LIST.replace('m: m', () => `m: ${scalar}`)));
    isNoRun(document(LIST.replace("'yes'", () => scalar)));
    isNoRun(document(LIST.replace('l: f\n', () => `l: ${scalar}\n`)));
    if (scalar !== 'a: b') isNoRun(document(LIST.replace('m: m', () => `${scalar}: m`)));
  });

  test('in a file of target groups, with anything else', () => {
    for (const text of [
      `---\n${LIST}`,
      `${LIST}x: y\n`,
      `${LIST}- job_name: x\n`,
      `${LIST}...\nx\n`,
    ]) {
      expect(checkBothPaths({ text, format: 'file_sd', job: '' }, wanted).before).toBe(false);
    }
  });
});

describe('a run is not used', () => {
  test('where it is the list of another job with the same ends', () => {
    const ends = LIST.replace(/- targets:\n.*b:80[\s\S]*(?=- targets)/, '');
    const text = `${document(LIST)}- job_name: other\n  static_configs:\n${ends.replaceAll(/^(?=.)/gm, '  ')}`;
    const misled = `# job_name: other\n${text}`;
    expect(openList(misled, { ...owner, job: 'other' }).targets).toHaveLength(2);
    expect(checkBothPaths({ text: misled, ...owner, job: 'other' }, wanted).before).toBe(false);
    expect(checkBothPaths({ text, ...owner, job: 'federate' }, wanted).before).toBe(true);
  });

  test('where it is a text', () => {
    const text = `x: |\n  job_name: federate\n  static_configs:\n${document(LIST).slice(HEAD.length)}${HEAD}  - targets: [a]\n`;
    expect(checkBothPaths({ text, ...owner }, wanted).before).toBe(false);
    expect(openList(text, owner).targets).toEqual([{ address: 'a', labels: {} }]);
  });

  test('where the text around it has a fault, whose place is reported as it is', () => {
    const text = `${document(LIST)}  x: [\n`;
    const line = text.split('\n').length;
    expect(() => openList(text, owner)).toThrow(`(line ${line}, column 1)`);
    checkBothPaths({ text, ...owner }, wanted);
  });

  test('where the document is too large', () => {
    const text = `${document(LIST)}# ${'x'.repeat(4 * 1024 * 1024)}`;
    expect(() => openList(text, owner)).toThrow(
      expect.objectContaining({ code: 'document-limits' }),
    );
    expect(runIn(text)).toBeUndefined();
    const exact = text.slice(0, 4 * 1024 * 1024);
    expect(runIn(exact)).toBeDefined();
  });
});

describe('the list of a job is found', () => {
  test.each([
    ['by its name', HEAD],
    ['by its name in quotes', HEAD.replace('federate', "'federate'")],
    ['by its name in double quotes', HEAD.replace('federate', '"federate"')],
    [
      'after one whose name starts so',
      `${HEAD.trimEnd()} []\n`.replace('federate', 'federate-2') + HEAD.slice(16),
    ],
  ])('%s', (_, head) => {
    const text = document(LIST).replace(HEAD, () => head);
    expect(checkBothPaths({ text, ...owner }, wanted)).toEqual({ before: true, after: true });
  });

  test('in a time that grows with the text, not with its square', () => {
    const text = 'job_name: federate\n'.repeat(200_000);
    const started = performance.now();
    expect(() => openList(text, owner)).toThrow();
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

test('what is written where no run was is checked as one', () => {
  for (const value of [' []', ' # x\n    []', '', ' [{targets: [a]}]']) {
    const text = `${HEAD.trimEnd()}${value}\n`;
    expect(checkBothPaths({ text, ...owner }, wanted)).toEqual({ before: false, after: true });
  }
  const none = HEAD.replace('  static_configs:\n', '');
  expect(checkBothPaths({ text: none, ...owner }, wanted)).toEqual({ before: false, after: true });
});

test('with runs and without, a document gives the same', () => {
  const bytes = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length, size: 'max' });
  fc.assert(
    fc.property(bytes(150), bytes(200), (list, around) => {
      const document = generateRun(new Tape(list), around);
      checkBothPaths(document, document.wanted);
    }),
    { numRuns: 500 },
  );
});
