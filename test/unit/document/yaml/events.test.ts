import { type Event, parseEvents, YAMLException } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { parseText } from '../../../../src/document/yaml/events.ts';

const INDENT = ' '.repeat(20);

/** The events of the text with `»` as spaces, with the offsets as if nothing stood in its place. */
function expectedEvents(text: string): Event[] {
  const indented = text.replaceAll('»', INDENT).replaceAll('\t', ' ');
  const original = (offset: number) => indented.slice(0, offset).replaceAll(INDENT, '').length;
  return parseEvents(indented, {}).map((event) => {
    const offsets = Object.entries(event).filter(
      ([name, at]) => /Start|start|End/.test(name) && at > 0,
    );
    return { ...event, ...Object.fromEntries(offsets.map(([name, at]) => [name, original(at)])) };
  });
}

describe('lines between brackets may be further left, where » stands for the required indentation', () => {
  test.each<[what: string, text: string]>([
    ['several lines, and text before and after', 'a: b\nc: [\n»d,\n»e\n»]\nf: g\n'],
    ['two lists', 'a:\n- [b, c,\n»d]\n- [\n»e]\n- [f,\n»g\n»]'],
    ['lists in lists', 'a: {b: [[\n»c, d],\n»[e, {f:[\n»g]},\n»h]],\n»i: j\n»}\nk: l\n'],
    ['deep in dashes', '- - ? - - a: [b,\n»c]\n'],
    ['brackets in quotes and comments', `a: [ # [\n»"]\\"", # ]\n»'}''', #{\n»b#c\n»]\n`],
    ['quotes of several lines', `a: ["b\n»c\n»\\\n»d", 'e\n»f',\n»"g"]\nh: i\n`],
    ['quotes at colons', `a: {"b":'c,\n»]',"d":[\n»e]}\n`],
    [
      'anchors and tags on lines of their own',
      'a: [b,\n»c,\n»&d\n»!e\n»[f],\n»g,\n»!h\n»&i\n»j,\n»{*d :\n»&k [l]},\n»m]\n',
    ],
    ['anchors and tags that touch a bracket', 'a: [&b[c,\n»d],\n»!e{f: g,\n»h},\n»i]\n'],
    ['single pairs', 'a: [b: c,\n»{d: e}: f,\n»? g\n»: h,\n»i:\n»j]\n'],
    ['nothing', 'a: [\n»]\nb: {\n»}\n'],
    ['an anchor after a tag, at the start', '[!a\n»&b c]\n'],
    ['tabs', 'a: [b,\tc,\n»\td:\t \te,\n»{\tf: [\tg\t] }\t]\n'],
    ['brackets inside of words before', 'a: b[0\nc: d{e\nf: [g,\n»h]\n'],
    ['closing brackets before', 'a: b]\nc: d }\ne: [f,\n»g]\n'],
    ['brackets in quotes before', `a: ' ['\n"{ [": " {"\nb: [c,\n»d]\n`],
    ['brackets in comments before', 'a: b # [\n# {\nc: [d,\n»e]\n'],
    ['an apostrophe before', "a: b 'c\nd: [e,\n»f]\ng: h' i\n"],
    ['a quote of several lines before', `a: "b\n  c"\nd: [e,\n»f]\n`],
    [
      'block scalars with brackets in one line',
      'a: |\n  b [c]\nd: [e,\n»f]\ng: >\n  {h}\n\n  [i]\n',
    ],
  ])('%s', (_, text) => {
    for (const lineBreak of ['\n', '\r\n', '\r']) {
      const marked = text.replaceAll('\n', lineBreak);
      const plain = marked.replaceAll('»', '');
      expect(() => parseEvents(plain, {})).toThrow(YAMLException);
      expect(parseText(plain, 100)).toEqual(expectedEvents(marked));
    }
  });
});

describe('the fault is the one of the text itself', () => {
  test.each<[what: string, text: string]>([
    ['brackets that do not close', 'a: [\nb\n'],
    ['brackets that close twice', 'a: [\nb\n]]\n'],
    ['a list in a block scalar before', 'a: |\n  [\n  b\n  ]\nc: [d,\ne]\n'],
    ['a list in a block scalar after', 'a: [b,\nc]\nd: |\n  [\n  e\n  ]\n'],
    ['a list in a block scalar in between', '- [a,\nb]\n- >\n  {\n  c}\n- [d,\ne]\n'],
    ['a bracket in a block scalar before', 'a: |\n  [\nb: [c,\nd]\n'],
    ['a bracket in a block scalar at the end', 'a: [b,\nc]\nd: |\n  [\n'],
    ['a bracket in a text before', 'a: b [c\nd: [e,\nf]\n'],
  ])('%s', (_, text) => {
    expect(fault(() => parseText(text, 100))).toEqual(fault(() => parseEvents(text, {})));
  });

  test('nesting that is too deep', () => {
    expect(parseText('a: [[b]]', 4)).toHaveLength(10);
    expect(fault(() => parseText('a: [[b]]', 3)).reason).toBe('nesting exceeded maxDepth (3)');
    expect(parseText('a: [\n[b]]', 4)).toHaveLength(10);
    expect(fault(() => parseText('a: [\n[b]]', 3)).reason).toBe('deficient indentation');
  });
});

function fault(parse: () => unknown) {
  try {
    return { events: parse() };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { reason, mark } = error;
    return { reason, line: mark?.line, column: mark?.column };
  }
}
