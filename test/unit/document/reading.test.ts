import { describe, expect, test } from 'vitest';
import { openList } from '../../../src/document/document.ts';
import type { Target } from '../../../src/target.ts';
import { dedent } from './dedent.ts';

const owner = { format: 'static_configs', job: 'federate' } as const;

/** The list of a document whose job has that value. */
const open = (value: string) =>
  openList(`${HEAD}scrape_configs:\n  - job_name: federate\n    static_configs:${value}\n`, owner);

const HEAD = dedent`
  anchors:
    - &text 12e4
    - &labels {env: prod, zone: null}
    - &more {<<: *labels, env: test, tier: "1"}
    - &names [a, *text]
    - &group {targets: *names, labels: *more}
  `;

const target = (address: string, labels: Record<string, string> = {}): Target => ({
  address,
  labels,
});

describe('a list says', () => {
  test.each<[string, string, Target[]]>([
    ['nothing, where it is empty', ' []', []],
    ['nothing, where it is null', ' ~', []],
    [
      'an address each, in order',
      ' [{targets: [b, a]}, {targets: [b]}]',
      ['b', 'a', 'b'].map((a) => target(a)),
    ],
    ['no target of a group without targets', ' [{labels: {a: b}}, {targets: }, {targets: []}]', []],
    [
      'scalars as they are written',
      ' [{targets: [0123, 12e4, 1_0, yes, 1:30, 2026-11-01, 0x1F, .5, True]}]',
      ['0123', '12e4', '1_0', 'yes', '1:30', '2026-11-01', '0x1F', '.5', 'True'].map((a) =>
        target(a),
      ),
    ],
    [
      'quoted scalars as they read',
      ` [{targets: ['it''s', "\\x41\\t\\u00e9", 'null', "~", '😀']}]`,
      ["it's", 'A\té', 'null', '~', '😀'].map((a) => target(a)),
    ],
    [
      'what is tagged as what it is',
      ' !!seq [!!map {targets: !!seq [a], labels: !!map {b: !!str c}}]',
      [target('a', { b: 'c' })],
    ],
    ['tagged texts', ' [{targets: [!!str 12, ! 13]}]', [target('12'), target('13')]],
    [
      'labels, without those of null',
      ' [{targets: [a], labels: {x: 0x1, y: , z: ~, w: NULL, "v": "null"}}]',
      [target('a', { x: '0x1', v: 'null' })],
    ],
    [
      'labels of any name',
      ' [{targets: [a], labels: {__proto__: x, constructor: y, 012: z, "a b": w, "<<": v}}]',
      [target('a', { ['__proto__']: 'x', constructor: 'y', '012': 'z', 'a b': 'w', '<<': 'v' })],
    ],
    [
      'what its aliases stand for',
      ' [*group, {targets: [*text], labels: {x: *text}}]',
      [
        target('a', { env: 'test', tier: '1' }),
        target('12e4', { env: 'test', tier: '1' }),
        target('12e4', { x: '12e4' }),
      ],
    ],
    [
      'what its merge keys give',
      ' [{<<: *group, targets: [b]}, {targets: [c], labels: {<<: [*labels, *more], x: y}}]',
      [target('b', { env: 'test', tier: '1' }), target('c', { env: 'prod', tier: '1', x: 'y' })],
    ],
    [
      'no label that is null here, though a merge key sets one',
      ' [{targets: [a], labels: {<<: *labels, env: ~}}]',
      [target('a')],
    ],
    [
      'texts of several lines',
      '\n    - targets:\n      - |-\n        a\n      - b\n        c\n      - "d\n\n        e"',
      ['a', 'b c', 'd\ne'].map((a) => target(a)),
    ],
  ])('%s', (_, value, targets) => {
    const list = open(value);
    expect(list.targets).toStrictEqual(targets.map(({ address, labels }) => ({ address, labels })));
    expect(list.write([...targets].reverse())).toBe(list.write(targets));
  });

  test('the same, whatever the order, the grouping and the style', () => {
    const text = dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        - targets: [b, 'a']
          labels: {y: "2", x: '1'}
        - targets: [a]
      `;
    const labels = { x: '1', y: '2' };
    const said = [target('a'), target('a', labels), target('b', labels)];
    expect(openList(text, owner).write(said)).toBe(text);
    expect(openList(text, owner).write([...said, target('a')])).not.toBe(text);
    expect(openList(text, owner).write(said.slice(1))).not.toBe(text);
    expect(openList(text, owner).write([...said.slice(0, 2), target('b', { x: '1' })])).not.toBe(
      text,
    );
  });
});

test.each([
  ['a null group', '\n    - targets: [a]\n    -'],
  ['a null address', ' [{targets: [a, ~]}]'],
  ['an empty address', " [{targets: [a, '']}]"],
])('%s is written away, though the targets are the same', (_, value) => {
  const list = open(value);
  expect(list.targets).toEqual([target('a')]);
  const written = list.write(list.targets);
  expect(written).toMatch(/static_configs:\n.*- targets:\n.*- a\n$/);
  expect(openList(written, owner).write(list.targets)).toBe(written);
});

describe('a job is relabelled', () => {
  test.each<[boolean, string]>([
    [true, 'relabel_configs: [{action: keep}]'],
    [true, '"relabel\\x5fconfigs": *rules'],
    [true, '<<: *base'],
    [false, 'relabel_configs: []'],
    [false, '<<: *base\n  relabel_configs: []'],
    [false, '<<: *other'],
    [false, 'relabel_configs:'],
    [false, 'metric_relabel_configs: [{action: keep}]'],
  ])('%s: %s', (relabelled, pair) => {
    const text = `x: &rules [{}]\ny: &base {relabel_configs: *rules}\nz: &other {metric_relabel_configs: *rules}\nscrape_configs:\n- job_name: federate\n  ${pair}\n`;
    expect(openList(text, owner).relabelled).toBe(relabelled);
  });
});
