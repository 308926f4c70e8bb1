import { EVENT_ID } from 'js-yaml';
import { expect, test } from 'vitest';
import { startOf, type Yaml } from '../../../../src/document/yaml/nodes.ts';
import { parseYaml } from '../../../../src/document/yaml/parse.ts';
import { isBlockScalar, isQuoted } from '../../../../src/document/yaml/ranges.ts';

const textOf = (yaml: Yaml, node: number) => {
  const start = startOf(yaml, node);
  const end = yaml.end[node] as number;
  expect(end).toBeGreaterThanOrEqual(start);
  return start === -1 ? '' : yaml.text.slice(start, end);
};

/** The root's text is everything except what follows it; the texts of the other nodes are in their order. */
test.each<[what: string, text: string, after: string, texts: string[]]>([
  ['a flow list', 'a: [x, y]', ' # c\n', ['a', '[x, y]', 'x', 'y']],
  [
    'scalars of a line and more',
    `- 'a''b' # c\n- "d\\"" \n- e  f # g\n- h\n  i`,
    ' # j\n',
    ["'a''b'", '"d\\""', 'e  f', 'h\n  i'],
  ],
  ['an anchor on a line of its own', '&a\n&b c: d', '\n', ['&b c', 'd']],
  [
    'anchors and tags before a text, a list and nothing',
    'a: &a !!str b\nc: !t &b [d]\ne: &e\nf: !!null\ng: &g !t\nh: !t &h',
    '\n',
    [
      'a',
      '&a !!str b',
      'c',
      '!t &b [d]',
      'd',
      'e',
      '&e',
      'f',
      '!!null',
      'g',
      '&g !t',
      'h',
      '!t &h',
    ],
  ],
  ['an alias', '- &a b\n- *a', ' \n', ['&a b', '*a']],
  ['nothing', '- a\n-\n- ~', '\n-\n', ['a', '', '~', '']],
  ['a list of nothing', '- a\n- ', '-\n  -\n', ['a', '', '', '']],
  [
    'block scalars without the empty lines after them',
    '- |\n  a\n   b\n\n\n- >-\r\n  c\r\n\r\n- |+\n\n  d',
    '\n\n# e\n',
    ['  a\n   b', '  c', '\n  d'],
  ],
  [
    'brackets after comments and commas',
    '[ # ]\n  a , # ]}\n  {b: [ ] # }\n  , } ,  # ]\n  ]',
    ' # ]\n',
    ['a', '{b: [ ] # }\n  , }', 'b', '[ ]'],
  ],
  ['brackets at once', '[[[]],{}]', '', ['[[]]', '[]', '{}']],
  [
    'single pairs without brackets',
    '[a: b, : c, "d":e, f: ]',
    '\n',
    ['a: b', 'a', 'b', ': c', '', 'c', '"d":e', '"d"', 'e', 'f', 'f', ''],
  ],
  [
    'single pairs that start with a bracket',
    '[{a: b}: c, [d]: e, ? [f] : g, &h {i: j}: k]',
    '\n',
    [
      ...['{a: b}: c', '{a: b}', 'a', 'b', 'c'],
      ...['[d]: e', '[d]', 'd', 'e'],
      ...['[f] : g', '[f]', 'f', 'g'],
      ...['&h {i: j}: k', '&h {i: j}', 'i', 'j', 'k'],
    ],
  ],
  [
    'pairs in brackets without a key or a value',
    '{a, b: , ? c, ? d : e, ? , : f}',
    '',
    ['a', '', 'b', '', 'c', '', 'd', 'e', '', '', '', 'f'],
  ],
  [
    'keys after question marks',
    '? a\n: b\n? c\n? |\n  d\n: - e\n  - f',
    '\n',
    ['a', 'b', 'c', '', '  d', '- e\n  - f', 'e', 'f'],
  ],
  [
    'keys in brackets',
    '{a: b}: c\n[d]: [e]',
    '\n',
    ['{a: b}', 'a', 'b', 'c', '[d]', 'd', '[e]', 'e'],
  ],
  [
    'lists in lists, and CRLF',
    '- - a\r\n  - "b\r\n\r\n    c"\r\n-   d:\r\n    - e',
    '\r\n',
    ['- a\r\n  - "b\r\n\r\n    c"', 'a', '"b\r\n\r\n    c"', 'd:\r\n    - e', 'd', '- e', 'e'],
  ],
])('%s: each node has its text', (_, text, after, texts) => {
  const yaml = parseYaml(text + after);
  const nodes = yaml.events.keys().filter((id) => {
    const type = yaml.events[id]?.type;
    return type !== EVENT_ID.DOCUMENT && type !== EVENT_ID.POP;
  });
  expect([...nodes].map((node) => textOf(yaml, node))).toEqual([text, ...texts]);
});

test('a node without text ends where the text before it does', () => {
  const yaml = parseYaml('- {: a, b: , c}\n- [: d, ? e]\n-\n- ? f\n  : # g\n- h:\n');
  const nodes = yaml.events.keys().filter((id) => {
    return yaml.events[id]?.type === EVENT_ID.SCALAR && startOf(yaml, id) === -1;
  });
  const before = [...nodes].map((node) => /.*$/.exec(yaml.text.slice(0, yaml.end[node]))?.[0]);
  expect(before).toEqual([
    ...['- {', '- {: a, b', '- {: a, b: , c'],
    ...['- [', '- [: d, ? e', '- [: d, ? e]', '- ? f', '- h'],
  ]);
});

test('an alias refers to the last node of its name before it', () => {
  const yaml = parseYaml('&a [*a, &b c, *b, &b d, [*b, &e {f: g}], *e]');
  const said = [...yaml.aliased].map((nodes) => nodes.map((node) => textOf(yaml, node)));
  expect(said).toEqual([
    ['*a', yaml.text],
    ['*b', '&b c'],
    ['*b', '&b d'],
    ['*e', '&e {f: g}'],
  ]);
});

test.each([
  ['a', ''],
  ["'a'", 'quoted'],
  ['"a"', 'quoted'],
  ['|\n a', 'block'],
  ['>\n a', 'block'],
])('%j is %s', (text, style) => {
  const scalar = parseYaml(text).events.find(({ type }) => type === EVENT_ID.SCALAR) as never;
  expect(isQuoted(scalar)).toBe(style === 'quoted');
  expect(isBlockScalar(scalar)).toBe(style === 'block');
});
