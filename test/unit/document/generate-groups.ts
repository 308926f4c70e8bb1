import type { Target } from '../../../src/target.ts';
import { comment, idleLines, lineComment } from './generate-yaml.ts';
import type { Tape } from './yaml/tape.ts';

/** What a generated list says. */
export interface ListContent {
  readonly targets: Target[];
  untidy: boolean;
}

type Labels = Record<string, string>;

/** Scalars as they are written, and the text that Prometheus reads. */
const TEXTS = [
  ['a.example.com:9090', 'a.example.com:9090'],
  ["'it''s'", "it's"],
  ['"\\x41\\u00e9 #"', 'Aé #'],
  ['0123', '0123'],
  ['12e4', '12e4'],
  ['yes', 'yes'],
  ['!!str 1_000', '1_000'],
  ['"😀"', '😀'],
  ["'~'", '~'],
  ["'prometheus.example.com.'", 'prometheus.example.com.'],
] as const;

const NAMES = [
  ['clusterID', 'clusterID'],
  ["'team'", 'team'],
  ['"re\\x67ion"', 'region'],
  ['__proto__', '__proto__'],
  ['0777', '0777'],
  ['env', 'env'],
] as const;

/** What the anchors of the document's head stand for. */
const SCALAR = 'yes';
const COMMON: Labels = { env: 'prod', '0123': '12e4' };
const LIST = ['a', 'b'];

/** A scalar for a target or a label; `anchors`: those of the head are there. */
function text(tape: Tape, anchors: boolean): readonly [string, string] {
  return anchors && tape.chance(5) ? ['*scalar', SCALAR] : tape.of(TEXTS);
}

function labelPairs(tape: Tape, anchors: boolean): { written: string[]; labels: Labels } {
  const labels: [string, string][] = [];
  const written: string[] = [];
  const merge = anchors && tape.chance(20);
  const all = tape.shuffle([...NAMES]).slice(0, tape.number(4));
  for (const [name, key] of all) {
    if (tape.chance(10)) {
      written.push(`${name}: ${tape.of(['~', 'null', 'Null'])}`);
      // Written as null, it hides what is merged.
      labels.push([key, NONE]);
    } else {
      const [scalar, value] = text(tape, anchors);
      written.push(`${name}: ${scalar}`);
      labels.push([key, value]);
    }
  }
  if (merge) written.splice(tape.number(written.length + 1), 0, '<<: *common');
  const merged = Object.fromEntries([...(merge ? Object.entries(COMMON) : []), ...labels]);
  const present = Object.entries(merged).filter(([, value]) => value !== NONE);
  return { written, labels: Object.fromEntries(present) };
}

const NONE = 'none';

interface Group {
  /** Each `targets` and `labels` as the text after the key, or as its lines without indentation. */
  readonly fields: { readonly key: string; readonly inline: string; readonly lines: string[] }[];
}

function group(tape: Tape, anchors: boolean, groups: ListContent, block: boolean): Group {
  const addresses = Array.from({ length: tape.of([1, 1, 2, 3, 0]) }, () => text(tape, anchors));
  const { written, labels } = labelPairs(tape, anchors);
  const fields: Group['fields'] = [];
  const targets: string[] = [];
  const say = (address: string, said: Labels) => groups.targets.push({ address, labels: said });
  if (anchors && tape.chance(5)) {
    targets.push(...LIST);
    fields.push({ key: 'targets', inline: ' *list', lines: [] });
  } else {
    const scalars = addresses.map(([scalar]) => scalar);
    targets.push(...addresses.map(([, address]) => address));
    if (tape.chance(5)) {
      scalars.push(tape.of(['~', 'null']));
      groups.untidy = true;
    }
    const lines = block && scalars.length > 0 && tape.chance(60);
    fields.push({
      key: 'targets',
      inline: lines ? lineComment(tape) : ` [${scalars.join(', ')}]`,
      lines: lines ? scalars.map((scalar) => `- ${scalar}${lineComment(tape)}`) : [],
    });
  }
  const alias = anchors && tape.chance(10);
  const said = alias ? COMMON : labels;
  if (alias) fields.push({ key: 'labels', inline: ' *common', lines: [] });
  else if (written.length > 0 || tape.chance(10)) {
    const lines = block && written.length > 0 && tape.chance(60);
    fields.push({
      key: 'labels',
      inline: lines ? lineComment(tape) : ` {${written.join(', ')}}`,
      lines: lines ? written : [],
    });
  }
  for (const address of targets) say(address, said);
  return { fields: tape.shuffle(fields) };
}

/** A list of target groups between brackets. */
export function flowGroups(tape: Tape, names: readonly string[], groups: ListContent): string {
  const all = Array.from({ length: tape.number(3) }, () => flowGroup(tape, names, groups));
  return `[${all.join(', ')}]`;
}

function flowGroup(tape: Tape, names: readonly string[], groups: ListContent): string {
  const { fields } = group(tape, names.length > 0, groups, false);
  return `{${fields.map(({ key, inline }) => `${key}:${inline}`).join(', ')}}`;
}

/** A block list of target groups with its dashes in `column`; the last line ends the list. */
export function groupLines(
  tape: Tape,
  column: number,
  names: readonly string[],
  groups: ListContent,
): string[] {
  const dash = `${' '.repeat(column)}-`;
  const gap = ' '.repeat(tape.of([1, 1, 3]));
  const field = column + 1 + gap.length;
  const nested = tape.of([0, 2, 1]);
  const items = Array.from({ length: 1 + tape.number(4) }, (_, i) => {
    const before = i === 0 ? [] : idleLines(tape, column);
    if (tape.chance(3)) {
      groups.untidy = true;
      return [...before, `${dash}${tape.of(['', ' ~', ` ${comment(tape)}`])}`];
    }
    if (tape.chance(10)) return [...before, `${dash} ${flowGroup(tape, names, groups)}`];
    const { fields } = group(tape, names.length > 0, groups, true);
    const lines = fields.flatMap(({ key, inline, lines: under }, j) => {
      const lead = j === 0 ? dash + gap : ' '.repeat(field);
      const shift = ' '.repeat(field + (key === 'labels' ? nested + 1 : nested));
      return [`${lead}${key}:${inline}`, ...under.map((line) => shift + line)];
    });
    return [...before, ...lines];
  });
  return items.flat();
}
