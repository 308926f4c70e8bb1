import { describe, expect, test } from 'vitest';
import { type Changed, checkEdit } from '../../src/document/check-edit.ts';
import { parseYaml } from '../../src/document/parse-yaml.ts';
import { children, pairs } from '../../src/document/yaml-tree.ts';

const BEFORE = `a: 0123
list:
- targets: [old]
b: |
  text

c: [&x y, *x] # end
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
    ['of an anchor', GOOD.replace('&x y', '&x  y'), 'the text after the list changed'],
    ['of a key after the list', GOOD.replace(/b: [^c]*/, ''), 'the text after the list changed'],
    [
      'of the style after the list',
      GOOD.replace('[&x y, *x]', '{&x y: *x}'),
      'the text after the list changed',
    ],
    ['that adds a key', GOOD.replace('b:', 'd: 1\nb:'), 'the list is no list'],
    ['that loses the list', GOOD.replace(NEW, ''), 'the list is no list'],
    ['that leaves no list', GOOD.replace(NEW, '  {}\n'), 'the list is no list'],
    ['that says the old', BEFORE, 'the list does not say what it should'],
    [
      'that says more',
      GOOD.replace('[new]', '[new, newer]'),
      'the list does not say what it should',
    ],
    ['that says another label', GOOD.replace("'2'", "'3'"), 'the list does not say what it should'],
    [
      'that says fewer labels',
      GOOD.replace("y: '2', ", ''),
      'the list does not say what it should',
    ],
    ['that breaks the document', GOOD.replace('[new]', '[new'), 'The document is no YAML'],
    ['that adds a document', `${GOOD}---\n`, 'The text holds several YAML documents'],
    ['that adds directives', `%YAML 1.2\n---\n${GOOD}`, 'the text before the list changed'],
  ])('%s', (_, text, why) => {
    expect(text).not.toBe(GOOD);
    expect(check(text)).toThrow(
      expect.objectContaining({ code: 'document-check', message: expect.stringContaining(why) }),
    );
  });
});
