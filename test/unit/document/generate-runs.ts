import { blockList } from '../../../src/document/block-list.ts';
import type { TargetGroup } from '../../../src/document/target-groups.ts';
import type { Target } from '../../../src/target.ts';
import { generate, generateWanted } from './generate.ts';
import type { Tape } from './yaml/tape.ts';

/** A document with a list that is written as ours, or nearly so; and targets to write. */
export interface GeneratedRun {
  readonly text: string;
  readonly format: 'static_configs' | 'scrape_configs' | 'file_sd';
  readonly job: string;
  readonly wanted: readonly Target[];
  /** One of its characters or lines was changed, in the list or near it. */
  readonly changed: boolean;
}

const PLAIN = [
  'a.example.com.',
  'a.example.com:9090',
  'c1',
  'x_y-z',
  '10.0.0.1:80',
  '0123',
  '1:30',
  '*.example.com',
  'https://x.example.com/ping',
  'yes',
] as const;
const RARE = ["it's", 'a b', ' ', 'a: b', 'null', '', 'a\tb', 'é', '\u0085', '- x', '#'] as const;
const NAMES = ['clusterID', 'env', '0777', 'yes', 'constructor', '__meta_x'] as const;

function groupsOf(tape: Tape): TargetGroup[] {
  const rare = tape.chance(10);
  const scalar = (tape: Tape) => (rare && tape.chance(10) ? tape.of(RARE) : tape.of(PLAIN));
  const mayLabel = !tape.chance(15);
  return Array.from({ length: tape.of([4, 3, 4, 5, 6, 9, 3, 12, 5, 7, 3, 2]) }, (_, i) => {
    const names = tape.shuffle([...NAMES]).slice(0, tape.of([1, 1, 2, 3]));
    const labelled = mayLabel && (i === 0 || !tape.chance(15));
    return {
      addresses: Array.from({ length: tape.of([1, 1, 1, 2, 3]) }, () => scalar(tape)),
      labels: Object.fromEntries(labelled ? names.map((name) => [name, scalar(tape)]) : []),
    };
  });
}

/** What is before a list of the job `federate` with its dashes in column 4, up to their line. */
const HEADS = [
  'scrape_configs:\n- job_name: federate\n  static_configs:\n',
  'a: 1\nscrape_configs:\n  - job_name: "federate"\n    honor_labels: true\n    static_configs:  # ours\n',
  "x: |\n  it's [ {\n  - targets:\n    - a\nscrape_configs:\n- job_name: 'federate'\n  static_configs:\n    # - targets:\n",
  'x: [\n]\nscrape_configs:\n- static_configs:\n    - targets:\n        - b\n  job_name: other\n- job_name: federate\n  static_configs:\n',
  '\ufeff---\nx: &x [a]\nscrape_configs:\n- job_name: federate\n  y: *x\n  static_configs:\n',
  'scrape_configs:\n- job_name: federate-2\n  static_configs: []\n# job_name: federate\n- scheme: http\n  job_name: federate\n  static_configs:\n',
  'x: "\n  static_configs:\nscrape_configs:\n- job_name: federate\n  static_configs:\n',
  'scrape_configs:\n- {x: y, job_name: federate, static_configs:\n',
  'scrape_configs:\n- job_name: federate\n  ? static_configs\n  :\n',
  'scrape_configs:\n- job_name: federate\n  static_configs: !!seq\n',
] as const;

/** What is after it. */
const TAILS = [
  '\n',
  '',
  '\n  scheme: https\n',
  '\n- job_name: other\n  static_configs:\n    - targets: [b]\n',
  '\n\n# end\n        # deeper\n  relabel_configs: [{}]\n',
  ' # ours\n',
  '\n    -\n',
  '\n    - targets: []\n',
  '\n    - {targets: [x], labels: {y: z}}\n',
  '\n          more\n',
  '\n      labels: {x: y}\n',
  '\n  \t\n...\n',
  '\n---\n',
  '\n}\n',
  '\n  relabel_configs: [{a: "b\n    c"}]\nx: [\n1\n]\n',
] as const;

const CHARACTERS = [...' \t\n\r#:-\'"[]{}&*!|>?~,%x0<\u0085\u2028\ufeff\0'];

export function generateRun(tape: Tape, bytes: ArrayLike<number>): GeneratedRun {
  const groups = groupsOf(tape);
  const style = {
    item: 2,
    dash: tape.of([2, 2, 4, 3]),
    nested: tape.of([0, 2, 1]),
    label: tape.of([2, 4, 1]),
  };
  const lineBreak = tape.of(['\n', '\n', '\n', '\r\n', '\r']);
  const list = (column: number) => ' '.repeat(column) + blockList(groups, style, column, lineBreak);
  const joined = (head: string, column: number, tail: string) =>
    head.replaceAll('\n', lineBreak) + list(column) + tail.replaceAll('\n', lineBreak);
  const wanted = wantedOf(tape, groups, bytes);
  const [head, tail] = [tape.chance(20) ? tape.of(HEADS) : HEADS[0], oftenFirst(tape, TAILS)];
  const kind = tape.number(16);
  if (kind < 2) {
    const end = tape.chance(20) ? tail : tape.of(['\n', '', '\n# end\n\n']);
    const text = joined(tape.of(['', '', '# ours\n', '---\n', '\ufeff']), 0, end);
    return changedOnce(tape, {
      text,
      format: 'file_sd',
      job: '',
      wanted,
      at: text.length - end.length,
    });
  }
  if (kind < 4) {
    const { text, before, after, format, job } = generate(bytes);
    if (before?.endsWith(':') && after !== undefined) {
      const key = before.length - before.lastIndexOf('\n') - 'static_configs:'.length - 1;
      const around = before + lineBreak + list(Math.max(key, 0) + tape.of([0, 2]));
      const at = around.length;
      return changedOnce(tape, { text: around + after, format, job, wanted, at });
    }
    return { text, format, job, wanted, changed: false };
  }
  const bare = head.startsWith('scrape_configs:\n- ') && tape.chance(20);
  const text = joined(bare ? head.slice('scrape_configs:\n'.length) : head, 4, tail);
  return changedOnce(tape, {
    text,
    format: bare ? 'scrape_configs' : 'static_configs',
    job: 'federate',
    wanted,
    at: text.length - tail.length,
  });
}

const oftenFirst = <T>(tape: Tape, choices: readonly T[]): T =>
  tape.chance(15) ? tape.of(choices) : (choices[tape.number(5)] as T);

/** As the list is, with one more or one less, in another order; or anything. */
function wantedOf(tape: Tape, groups: readonly TargetGroup[], bytes: ArrayLike<number>): Target[] {
  const targets = groups.flatMap(({ addresses, labels }) =>
    addresses.map((address) => ({ address, labels })),
  );
  const at = tape.number(targets.length);
  const text = () => (tape.chance(10) ? tape.of(RARE) : tape.of(PLAIN));
  const one = { address: text(), labels: { clusterID: text() } };
  switch (tape.number(8)) {
    case 0:
      return generateWanted(bytes);
    case 1:
      return [];
    case 2:
      return targets;
    case 3:
      return [...targets].reverse();
    case 4:
      return targets.toSpliced(at, 1);
    default:
      return targets.toSpliced(at, tape.number(2), one);
  }
}

/** In a third of them, a character near the list is replaced, inserted or removed, or a line of it is repeated or removed. */
function changedOnce(
  tape: Tape,
  { at: end, ...document }: Omit<GeneratedRun, 'changed'> & { readonly at: number },
): GeneratedRun {
  if (!tape.chance(35)) return { ...document, changed: false };
  const { text } = document;
  const back = tape.number(256);
  const at = Math.min(Math.max(end + 20 - back, 0), text.length);
  const character = tape.of(CHARACTERS);
  const line = text.lastIndexOf('\n', at) + 1;
  const nextLine = text.indexOf('\n', at) + 1 || text.length;
  const result = tape.of([
    () => text.slice(0, at) + character + text.slice(at + 1),
    () => text.slice(0, at) + character + text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1),
    () => text.slice(0, line) + text.slice(nextLine),
    () => text.slice(0, nextLine) + text.slice(line),
  ])();
  return { ...document, text: result, changed: true };
}
