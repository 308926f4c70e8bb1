import { expect, test } from 'vitest';
import {
  children,
  contentStart,
  hasAnchor,
  isAlias,
  isFlow,
  isList,
  isMapping,
  isMergeKey,
  isNull,
  pairs,
  resolve,
  scalarText,
  tagOf,
  type Yaml,
} from '../../../../src/document/yaml/nodes.ts';
import { parseYaml } from '../../../../src/document/yaml/parse.ts';

const ASKED = { isAlias, isList, isMapping, isFlow, hasAnchor, isNull, isMergeKey };

const said = (yaml: Yaml, node: number) => ({
  is: Object.entries(ASKED)
    .filter(([, ask]) => ask(yaml, node))
    .map(([name]) => name)
    .join(' '),
  tag: tagOf(yaml, node),
  text: scalarText(yaml, node),
});

const node = (text: string) => {
  const yaml = parseYaml(`- &x a\n- ${text}\n`);
  return [yaml, children(yaml, yaml.root as number)[1] as number] as const;
};

test.each<[node: string, is: string, tag: string, text: string | undefined]>([
  ['a', '', '', 'a'],
  ['0123', '', '', '0123'],
  ["'it''s'", '', '', "it's"],
  ['"\\x41"', '', '', 'A'],
  ['&y a', 'hasAnchor', '', 'a'],
  ['!!str a', '', '!!str', 'a'],
  ['!t &y', 'hasAnchor', '!t', ''],
  ['*x', 'isAlias', '', undefined],
  ['[&y a]', 'isList isFlow', '', undefined],
  ['{&y a: b}', 'isMapping isFlow', '', undefined],
  ['&y !t []', 'isList isFlow hasAnchor', '!t', undefined],
  ['!t {}', 'isMapping isFlow', '!t', undefined],
  ['- !t a', 'isList', '', undefined],
  ['[a]: b', 'isMapping', '', undefined],
  ['!t\n  a: b', 'isMapping', '!t', undefined],

  ['', 'isNull', '', ''],
  ['&y', 'hasAnchor isNull', '', ''],
  ['~', 'isNull', '', '~'],
  ['null', 'isNull', '', 'null'],
  ['Null', 'isNull', '', 'Null'],
  ['&y NULL', 'hasAnchor isNull', '', 'NULL'],
  ['!!null', 'isNull', '!!null', ''],
  ["!!null ''", 'isNull', '!!null', ''],
  ['!!null null', 'isNull', '!!null', 'null'],
  ['!!str', '', '!!str', ''],
  ['!!str null', '', '!!str', 'null'],
  ['! ~', '', '!', '~'],
  ['nULL', '', '', 'nULL'],
  ['nulls', '', '', 'nulls'],
  ["''", '', '', ''],
  ["'~'", '', '', '~'],
  ['"null"', '', '', 'null'],
  ['|-\n  ~', '', '', '~'],
  ['!!null []', 'isList isFlow', '!!null', undefined],

  ['<<', 'isMergeKey', '', '<<'],
  ['&y <<', 'hasAnchor isMergeKey', '', '<<'],
  ['!!merge <<', 'isMergeKey', '!!merge', '<<'],
  ['!!merge "<<"', 'isMergeKey', '!!merge', '<<'],
  ['!!str <<', '', '!!str', '<<'],
  ['"<<"', '', '', '<<'],
  ["'<<'", '', '', '<<'],
  ['>-\n  <<', '', '', '<<'],
  ['<', '', '', '<'],
  ['<<<', '', '', '<<<'],
  ['ab', '', '', 'ab'],
  ['!!merge {}', 'isMapping isFlow', '!!merge', undefined],
])('%j is known', (written, is, tag, text) => {
  expect(said(...node(written))).toEqual({ is, tag, text });
});

test('the document itself, and what is past its end, is none of all that', () => {
  const [yaml] = node("'a'");
  for (const none of [0, yaml.events.length]) {
    expect(said(yaml, none)).toEqual({ is: '', tag: '', text: undefined });
    expect(contentStart(yaml, none)).toBe(-1);
  }
});

test.each([
  ['&y !t a', 'a'],
  ["!t &y 'a'", "'a'"],
  ['"a"', '"a"'],
  ['&y\n  [a]', '[a]'],
  ['!t\n  - a', '- a'],
  ['!t\n  a: b', 'a: b'],
])('the content of %j starts after its anchor and tag', (text, content) => {
  const [yaml, id] = node(text);
  expect(yaml.text.slice(contentStart(yaml, id), yaml.end[id])).toBe(content);
});

test.each(['', '&y', '!!null', '*x'])('%j has no content', (text) => {
  expect(contentStart(...node(text))).toBe(-1);
});

test('lists have children, mappings have pairs', () => {
  const [yaml, list] = node('[a, [], {b: [c, d], <<: *x, ? e}, *x]');
  const text = (id: number) => scalarText(yaml, resolve(yaml, id));
  const [first, empty, mapping, last] = children(yaml, list) as [number, number, number, number];
  expect(children(yaml, list)).toHaveLength(4);
  expect([first, last].map(text)).toEqual(['a', 'a']);
  expect([children(yaml, empty), pairs(yaml, empty)]).toEqual([[], []]);
  const said = pairs(yaml, mapping).map(({ key, value }) => [text(key), text(value)]);
  expect(said).toEqual([
    ['b', undefined],
    ['<<', 'a'],
    ['e', ''],
  ]);
  expect(pairs(yaml, mapping).flatMap(({ key, value }) => [key, value])).toEqual(
    children(yaml, mapping),
  );
});
