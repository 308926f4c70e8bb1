import { describe, expect, test } from 'vitest';
import type { Run } from '../../../src/document/canonical-run.ts';
import { type Changed, checkEdit, checkWritten } from '../../../src/document/check-edit.ts';
import { children, pairs } from '../../../src/document/yaml/nodes.ts';
import { parseYaml } from '../../../src/document/yaml/parse.ts';

const BEFORE = `# top
a: 0123
list:
- targets: [old]
b: |
  text

c:  [&xx  y,  *xx ] # end
d:  !!str  5  # end
`;

const wanted = [{ address: 'new', labels: { x: '1', y: '2' } }];
const NEW = "- targets: [new]\n  labels: {y: '2', x: '1'}\n";

const yaml = parseYaml(BEFORE);
const list = pairs(yaml, children(yaml, 0)[0] as number)[1]?.value as number;
const changed: Changed = { first: list, end: yaml.next[list] as number, withKey: false };
const check = (text: string) => () => checkEdit(yaml, text, changed, wanted);

const GOOD = BEFORE.replace('- targets: [old]\n', NEW);

test('a change of the list alone passes', () => {
  expect(check(GOOD)).not.toThrow();
  expect(
    check(GOOD.replace('- targets', '-   targets').replace('  labels', '    labels')),
  ).not.toThrow();
});

describe('a change does not pass', () => {
  test.each<[what: string, text: string, why: string]>([
    [
      'of a scalar before the list',
      GOOD.replace('0123', '01234'),
      'the text before the list changed',
    ],
    [
      'of quotes before the list',
      GOOD.replace('0123', "'123'"),
      'the text before the list changed',
    ],
    [
      'of a text after the list',
      GOOD.replace('text\n', 'text\n\n  more\n'),
      'the text after the list changed',
    ],
    ['of an alias', GOOD.replace('*xx', 'xxx'), 'the text after the list changed'],
    [
      'of what a tag is on',
      GOOD.replace('!!str  5', '"!!s  5"'),
      'the text after the list changed',
    ],
    ...[
      ['of where a list starts', ':  [&xx', ': [ &xx'],
      ['of where an anchor starts', '[&xx  y,  *xx ]', '[ &x  y,   *x ]'],
      ['of where an anchor ends', '[&xx  y,  *xx ]', '[&xxx y,  *xxx]'],
      ['of where a tag starts', '!!str ', ' !str '],
      ['of where a tag ends', '!!str ', '!!strs'],
      ['of where a text starts', '  5  #', ' 5   #'],
      ['of where a text ends', '  5  #', '  55 #'],
    ].map(([what = '', before = '', after = '']): [string, string, string] => [
      what,
      GOOD.replace(before, after),
      'the text after the list changed',
    ]),
    ['of the kind of a text', GOOD.replace('b: |', 'b: >'), 'the text after the list changed'],
    ['of lines of a text', GOOD.replace('text\n\n', 'tex\n\n'), 'the text after the list changed'],
    ['of a key before it', GOOD.replace('a: 0123', 'a:  123'), 'the text before the list changed'],
    ['of the start', GOOD.replace('# top', '---  '), 'the text before the list changed'],
    ['of a key after the list', GOOD.replace(/b: [^c]*/, ''), 'the text after the list changed'],
    [
      'of the style after the list',
      GOOD.replace('[&xx  y,  *xx ]', '{&xx  y: *xx }'),
      'the text after the list changed',
    ],
    ['that adds a key', GOOD.replace('b:', 'd: 1\nb:'), 'static_configs must be a list'],
    ['that loses the list', GOOD.replace(NEW, ''), 'static_configs must be a list'],
    ['that loses it and more', '# top\na: 0123\n', 'the document changed around the list'],
    ['that loses everything', '', 'the document changed around the list'],
    ['that leaves no list', GOOD.replace(NEW, '  {}\n'), 'static_configs must be a list'],
    ['that says the old', BEFORE, 'the list does not have the wanted targets'],
    [
      'that says more',
      GOOD.replace('[new]', '[new, newer]'),
      'the list does not have the wanted targets',
    ],
    [
      'that says another label',
      GOOD.replace("'2'", "'3'"),
      'the list does not have the wanted targets',
    ],
    [
      'that says fewer labels',
      GOOD.replace("y: '2', ", ''),
      'the list does not have the wanted targets',
    ],
    ['that breaks the document', GOOD.replace('[new]', '[new'), 'The document is not valid YAML'],
    ['that adds a document', `${GOOD}---\n`, 'The text must be one YAML document'],
    ['that adds directives', `%YAML 1.2\n---\n${GOOD}`, 'the text before the list changed'],
  ])('%s', (_, text, why) => {
    expect(text).not.toBe(GOOD);
    expect(check(text)).toThrow(
      expect.objectContaining({ code: 'document-check', message: expect.stringContaining(why) }),
    );
  });
});

describe('a list that comes new', () => {
  const LIST = JSON.stringify([{ targets: ['new'], labels: { x: '1', y: '2' } }]);

  /** Adds a line to the job, between its text and the empty line after that. */
  const added = (line: string, chomping = '') => {
    const before = `a:\n  b: |${chomping}\n    text\n\nc: 2\n`;
    const parsed = parseYaml(before);
    const job = pairs(parsed, parsed.root as number)[0]?.value as number;
    const end = (parsed.next[job] as number) - 1;
    const text = before.replace('text\n', `text\n  ${line}\n`);
    return () => checkEdit(parsed, text, { first: end, end, withKey: true }, wanted);
  };

  test('comes with its key', () => {
    expect(added(`static_configs: ${LIST}`)).not.toThrow();
  });

  test.each([
    ['under another key', `static: ${LIST}`, '', 'the key static_configs is missing'],
    ['that is not a list', 'static_configs: 1', '', 'static_configs must be a list'],
    ['in a text', `  static_configs: ${LIST}`, '', 'the document changed around the list'],
    [
      'that takes its empty lines from a text',
      `static_configs: ${LIST}`,
      '+',
      'the text before the list changed',
    ],
  ])('does not pass %s', (_, line, chomping, why) => {
    expect(added(line, chomping)).toThrow(`The edited document failed its check: ${why}.`);
  });
});

describe('of a run', () => {
  const other = [{ address: 'other', labels: {} }];
  const run: Run = { targets: wanted, short: GOOD, shortTargets: wanted, start: 0, omitted: 0 };
  const BAD = GOOD.replace('0123', '01234');
  const checkRun = (text: string, given?: Partial<Run>) => () =>
    checkWritten(yaml, text, changed, wanted, { ...run, ...given });

  test('only the short text is parsed', () => {
    expect(checkRun('[')).not.toThrow();
  });

  test('the text itself is parsed if the run does not have the wanted targets', () => {
    expect(checkRun(GOOD, { targets: other })).not.toThrow();
    expect(checkRun(BAD, { targets: other })).toThrow('the text before the list changed');
    expect(() => checkWritten(yaml, BAD, changed, wanted, undefined)).toThrow();
  });

  test('the text itself is parsed if the short text does not pass', () => {
    for (const given of [{ short: '[' }, { short: BAD }, { shortTargets: other }]) {
      expect(checkRun(GOOD, given)).not.toThrow();
      expect(checkRun(BAD, given)).toThrow('the text before the list changed');
    }
  });
});
