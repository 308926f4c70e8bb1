import type { Target } from '../../../src/target.ts';
import { flowGroups, groupLines, type ListContent } from './generate-groups.ts';
import { comment, idleLines, lineComment, value } from './generate-yaml.ts';
import { Tape } from './yaml/tape.ts';

/** A generated prometheus.yml (or bare list of scrape configs), and what is known of it. */
export interface Generated {
  readonly text: string;
  readonly format: 'static_configs' | 'scrape_configs';
  readonly job: string;
  /** What the list says, in document order. */
  readonly targets: readonly Target[];
  /** No change of the list may touch what is before and after these. undefined where it has no place yet. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Something in the list has no meaning: it is rewritten even if the targets are the same. */
  readonly untidy: boolean;
  /** Comments that must survive every change of the list, though they are between the two. */
  readonly keeps: readonly string[];
}

/** Targets to write: hosts, and texts that need quotes. */
export function generateWanted(bytes: ArrayLike<number>): Target[] {
  const tape = new Tape(bytes);
  const text = () => tape.of(['cluster1', ...AWKWARD, `t${tape.number(250)}.example.com.`]);
  return Array.from({ length: tape.number(5) }, (_, i) => ({
    address: `${i}${text()}`.replace(/^0/, ''),
    // Nothing wants an empty label: `targetOf` skips it, and the settings refuse it.
    labels: Object.fromEntries(
      Array.from({ length: tape.number(3) }, () => [tape.of(LABELS), text() || 'x']),
    ),
  })).filter(({ address }) => address !== '');
}

const LABELS = ['clusterID', 'env', 'yes', '__proto__', 'a: b', '012', 'naïve'] as const;

const AWKWARD = [
  'yes',
  'null',
  '~',
  '12e4',
  '0123',
  '1:30',
  '1_000',
  '2026-11-01',
  '*.example.com',
  '[::1]:80',
  'https://x.example.com/api/v4/ping?a=1&b#c',
  ' padded ',
  'a: b',
  'a #b',
  "it's",
  '"quoted"',
  'tab\tbreak\n',
  '\u0085\u2028\ufeff',
  '- x',
  '😀é',
  '{}',
  '!x',
  '---',
] as const;

// Where the managed value starts and ends; taken out of the text in the end.
const START = '\u{e000}';
const END = '\u{e001}';

const ANCHORS = [
  'anchors:',
  '  - &scalar yes',
  "  - &common {env: prod, '0123': 12e4}",
  '  - &list [a, b]',
];
const NAMES = ['scalar', 'common', 'list'];

interface Context {
  readonly tape: Tape;
  readonly job: string;
  readonly groups: ListContent;
  readonly keeps: string[];
  /** Anchors of the document's head. */
  readonly names: readonly string[];
}

export function generate(bytes: ArrayLike<number>): Generated {
  const tape = new Tape(bytes);
  const bare = tape.chance(20);
  const json = tape.chance(10);
  const context: Context = {
    tape,
    job: tape.of(['federate', 'my job', '0123', 'é: #']),
    groups: { targets: [], untidy: false },
    keeps: [],
    names: bare || json ? [] : NAMES,
  };
  const lineBreak = tape.of(['\n', '\n', '\r\n']);
  const marked = json ? jsonText(context, bare, lineBreak) : yamlText(context, bare, lineBreak);
  const start = marked.indexOf(START);
  return {
    text: marked.replace(START, '').replace(END, ''),
    format: bare ? 'scrape_configs' : 'static_configs',
    job: context.job,
    ...context.groups,
    before: start === -1 ? undefined : marked.slice(0, start),
    after: start === -1 ? undefined : marked.slice(marked.indexOf(END) + 1),
    keeps: context.keeps,
  };
}

function yamlText(context: Context, bare: boolean, lineBreak: string): string {
  const { tape } = context;
  const head = tape.of([[], [], [], ['---'], ['%YAML 1.2', '---']]);
  const bom = head.length < 2 && tape.chance(5) ? '\ufeff' : '';
  const lines = [
    ...head,
    ...idleLines(tape, 0),
    ...(bare ? jobs(context, 0) : root(context)),
    ...(tape.chance(5) ? ['...'] : []),
  ];
  // A text that ends inside a block scalar, without a line break, takes no key after it: see the table.
  const open = tape.chance(20) && lines.some((line) => line.includes(START));
  return bom + lines.join(lineBreak) + (open ? '' : lineBreak);
}

function root(context: Context): string[] {
  const { tape, names } = context;
  const others = ['global', 'rule_files', 'remote_write', '"alerting"'].slice(0, tape.number(5));
  const key = tape.of(['scrape_configs', "'scrape_configs'", '"scrape\\x5fconfigs"']);
  const pairs = tape.shuffle([key, ...others]).flatMap((name) => {
    if (name === key) return [`${key}:${lineComment(tape)}`, ...jobs(context, tape.number(4))];
    const { inline, lines } = value(tape, 0, names);
    return [`${name}:${inline}`, ...lines, ...idleLines(tape, 0)];
  });
  return [...ANCHORS, ...pairs];
}

/** A block list of scrape configs with its dashes in `column`, ours among them. */
function jobs(context: Context, column: number): string[] {
  const { tape, job } = context;
  const others = Array.from({ length: tape.number(3) }, (_, i) => `other ${i}`);
  return tape.shuffle([job, ...others]).flatMap((name) => {
    const flow = tape.chance(15);
    return [
      ...idleLines(tape, column),
      ...(flow ? flowJob(context, name, column) : blockJob(context, name, column)),
    ];
  });
}

const quoted = (text: string) => `"${text.replace('_', '\\x5f')}"`;
const keyOf = (tape: Tape, key: string) => tape.of([key, key, `'${key}'`, quoted(key)]);
const nameOf = (tape: Tape, name: string) =>
  /^[a-z]+$/.test(name) ? tape.of([name, `'${name}'`, `"${name}"`]) : `'${name}'`;

function blockJob(context: Context, name: string, dash: number): string[] {
  const { tape, names } = context;
  const gap = ' '.repeat(tape.of([1, 1, 1, 3]));
  const column = dash + 1 + gap.length;
  const others = ['scrape_interval', 'params', "'honor_labels'"].slice(0, tape.number(4));
  const keys = tape.shuffle([
    'job_name',
    ...(tape.chance(15) ? [] : ['static_configs']),
    ...others,
  ]);
  const lines = keys.flatMap((key, i) => {
    const lead = i === 0 ? `${' '.repeat(dash)}-${gap}` : ' '.repeat(column);
    if (key === 'job_name') {
      return [`${lead}${keyOf(tape, key)}: ${nameOf(tape, name)}${lineComment(tape)}`];
    }
    if (key === 'static_configs') {
      const [first, ...rest] = staticConfigs(context, name, column);
      return [`${lead}${keyOf(tape, key)}:${first}`, ...rest, ...idleLines(tape, column)];
    }
    const { inline, lines } = value(tape, column, names, 1);
    return [`${lead}${key}:${inline}`, ...lines, ...idleLines(tape, column)];
  });
  return lines;
}

/** The text after the key `static_configs` in `column`, and the lines under it. */
function staticConfigs(context: Context, name: string, column: number): string[] {
  const { tape, names } = context;
  const ours = name === context.job;
  const groups = ours ? context.groups : { targets: [], untidy: false };
  const kept = ours ? context.keeps : [];
  const keep = (text: string) => {
    if (text.trim() !== '') kept.push(text.trim());
    return text;
  };
  const indent = ' '.repeat(column + 1 + tape.number(4));
  // A closing bracket may be further left than YAML requires: other parsers allow that.
  const loose = tape.chance(30) ? ' '.repeat(column) : indent;
  const lines = ((): string[] => {
    switch (tape.number(6)) {
      case 0:
      case 1:
      case 2: {
        const found = groupLines(tape, column + tape.of([2, 0, 4, 1]), names, groups);
        const tag = tape.chance(5) ? ' !!seq' : '';
        const first = tag + keep(lineComment(tape));
        return [first, ...idleLines(tape, column + 2).map(keep), ...found];
      }
      case 3:
        return [` ${flowGroups(tape, names, groups)}${keep(lineComment(tape))}`];
      case 4:
        return [tape.of(['', ' []', ' null', ' ~', ' [ ]']) + keep(lineComment(tape))];
      default:
        return tape.of([
          () => ['', `${indent}${flowGroups(tape, names, groups)}${keep(lineComment(tape))}`],
          () => [' [ # gone', `${loose}] ${keep(comment(tape))}`],
          () => ['', `${indent}null`],
          () => [' [', indent + flowGroups(tape, names, groups).slice(1, -1), `${loose}]`],
        ])();
    }
  })();
  if (!ours) return lines;
  lines[0] = START + lines[0];
  lines[lines.length - 1] += END;
  return lines;
}

/** A scrape config between brackets, on one line or with a line for each pair. */
function flowJob(context: Context, name: string, dash: number): string[] {
  const { tape, job, names } = context;
  const ours = name === job;
  const groups = ours ? context.groups : { targets: [], untidy: false };
  const pairs = [
    `${keyOf(tape, 'job_name')}: ${nameOf(tape, name)}`,
    ...['honor_labels: true', '"params": {a: [b, "]"]}', 'x: '].slice(0, tape.number(4)),
  ];
  if (!tape.chance(20)) {
    const list = tape.of([
      () => flowGroups(tape, names, groups),
      () => '[]',
      () => 'null',
      () => '',
    ]);
    const value = ours ? `${START} ${list()}${END}` : ` ${list()}`;
    pairs.splice(tape.number(pairs.length + 1), 0, `${keyOf(tape, 'static_configs')}:${value}`);
  }
  if (tape.chance(50)) return [`${' '.repeat(dash)}- {${pairs.join(', ')}${tape.of(['', ', '])}}`];
  const indent = ' '.repeat(dash + 4);
  const lines = pairs.map((pair) => `${indent}${pair},${lineComment(tape)}`);
  return [`${' '.repeat(dash)}- {`, ...lines, `${tape.of([indent, ' '.repeat(dash)])}}`];
}

function jsonText({ tape, job, groups }: Context, bare: boolean, lineBreak: string): string {
  const list = [
    { targets: ['a:80', 'é "quoted"'], labels: { env: 'prod', __proto: '' } },
    { targets: ['b'] },
  ].slice(0, tape.number(3));
  for (const { targets, labels } of list) {
    for (const address of targets) groups.targets.push({ address, labels: { ...labels } });
  }
  const config = Object.fromEntries(
    tape.shuffle([
      ['job_name', job],
      ...(tape.chance(20) ? [] : [['static_configs', START]]),
      ['params', { 'match[]': ['{a="b"}', ']'] }],
    ]),
  );
  if (!('static_configs' in config)) groups.targets.length = 0;
  const configs = [{ job_name: 'other' }, config].slice(tape.number(2));
  const indent = tape.of([2, 0, 4, '\t']);
  const text = JSON.stringify(bare ? configs : { a: null, scrape_configs: configs }, null, indent);
  return text
    .replace(`"${START}"`, `${START}${JSON.stringify(list)}${END}`)
    .replaceAll('\n', lineBreak);
}
