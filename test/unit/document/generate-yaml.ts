import type { Tape } from './yaml/tape.ts';

/**
 * Text after `key:` or `-`, and lines under it. The lines carry their whole indentation. What comes here is
 * meant to be in the way: texts that look like keys, comments or brackets, in every style.
 */
export interface Written {
  readonly inline: string;
  readonly lines: readonly string[];
}

const SCALARS = [
  'plain',
  '15s',
  "'single ''quoted'' # no comment'",
  '"double \\"quoted\\" \\t # no comment"',
  '0123',
  '12e4',
  'yes',
  'a#b',
  'http://x.example.com:80/y?z=1#f',
  "'}'",
  '"]"',
  '"é ü 😀 ] }"',
  'ключ',
  '',
  '~',
  'null',
  "''",
  '"static_configs: []"',
  "'- job_name: federate'",
  '!!str 12',
  '"\\x41\\u0042\\U00000043"',
] as const;

const FLOW_KEYS = ['k', "'k 2'", '"k\\x33"', 'static_configs', 'job_name'] as const;

const COMMENTS = [
  '# a comment',
  '#',
  '# it\'s } ] " open',
  '#\ttabs\t',
  '# static_configs:',
  '# - targets: [é]',
  '#- x: |',
] as const;

export const comment = (tape: Tape) => tape.of(COMMENTS);

/** '', or a comment that may follow something on its line. */
export const lineComment = (tape: Tape) =>
  tape.chance(20) ? `${tape.of([' ', '  ', ' \t'])}${comment(tape)}` : '';

/** No line, or some without meaning. */
export function idleLines(tape: Tape, column: number): string[] {
  if (!tape.chance(25)) return [];
  const line = () =>
    tape.of([
      `${' '.repeat(column)}${comment(tape)}`,
      '',
      `${' '.repeat(tape.number(9))}${comment(tape)}`,
      ' '.repeat(tape.number(6)),
    ]);
  return Array.from({ length: 1 + tape.number(3) }, line);
}

/** A value under a key or dash in `column`. `names`: anchors that may be referred to. */
export function value(tape: Tape, column: number, names: readonly string[], depth = 0): Written {
  switch (tape.number(depth > 2 ? 6 : 9)) {
    case 0:
    case 1:
      return { inline: space(tape, tape.of(SCALARS)) + lineComment(tape), lines: [] };
    case 2:
      return { inline: ` ${flow(tape, names, depth)}${lineComment(tape)}`, lines: [] };
    case 3:
      return blockScalar(tape, column);
    case 4:
      return multiline(tape, column);
    case 5:
      return names.length > 0
        ? { inline: ` *${tape.of(names)}${lineComment(tape)}`, lines: [] }
        : { inline: ' none', lines: [] };
    case 6:
      return {
        inline: lineComment(tape),
        lines: list(tape, column + tape.number(3), names, depth),
      };
    default:
      return {
        inline: tape.of(['', ' !!map', ' &unused']) + lineComment(tape),
        lines: mapping(tape, column + 1 + tape.number(4), names, depth),
      };
  }
}

const space = (tape: Tape, text: string) => (text === '' ? '' : tape.of([' ', '  ']) + text);

function list(tape: Tape, column: number, names: readonly string[], depth: number): string[] {
  const indent = ' '.repeat(column);
  return Array.from({ length: 1 + tape.number(3) }, () => {
    const { inline, lines } = value(tape, column + 1, names, depth + 1);
    return [`${indent}-${inline}`, ...lines, ...idleLines(tape, column)];
  }).flat();
}

function mapping(tape: Tape, column: number, names: readonly string[], depth: number): string[] {
  const indent = ' '.repeat(column);
  return Array.from({ length: 1 + tape.number(3) }, (_, i) => {
    const { inline, lines } = value(tape, column, names, depth + 1);
    const key = tape.of([`key${i}`, `'key ${i}'`, `"k\\x65y${i}"`]);
    return [`${indent}${key}:${inline}`, ...lines, ...idleLines(tape, column)];
  }).flat();
}

/** A flow collection on one line. */
export function flow(tape: Tape, names: readonly string[], depth = 0): string {
  const item = (): string => {
    if (depth < 3 && tape.chance(30)) return flow(tape, names, depth + 1);
    if (names.length > 0 && tape.chance(15)) return `*${tape.of(names)}`;
    return tape.of(SCALARS.filter((scalar) => scalar !== ''));
  };
  const items = Array.from({ length: tape.number(4) }, item);
  if (tape.chance(50)) return `[${items.join(tape.of([', ', ',', ' , ', ',\t']))}]`;
  const keys = FLOW_KEYS.slice(0, items.length);
  return `{${keys.map((key, i) => `${key}: ${items[i]}`).join(', ')}}`;
}

function blockScalar(tape: Tape, column: number): Written {
  const indent = ' '.repeat(column + 1 + tape.number(3));
  const header = tape.of(['|', '>', '|-', '>-', '|+', '>+']);
  const body = ['text', '# no comment', 'static_configs:', '- job_name: x', '  more', ''];
  const texts = Array.from({ length: 1 + tape.number(4) }, (_, i) =>
    tape.of(i === 0 ? body.slice(0, 4) : body),
  );
  const blank = Array.from({ length: tape.number(3) }, () => '');
  const comment = tape.chance(10) ? ' # header' : '';
  return {
    inline: ` ${header}${comment}`,
    lines: [...texts.map((text) => text && indent + text), ...blank],
  };
}

function multiline(tape: Tape, column: number): Written {
  const indent = ' '.repeat(column + 1 + tape.number(3));
  const [open, close] = tape.of([
    ['', ''],
    ["'", "'"],
    ['"', '"'],
  ]);
  const lines = ['second line', ...(tape.chance(50) ? ['', 'third'] : [])];
  const last = lines.length - 1;
  return {
    inline: ` ${open}first`,
    lines: lines.map((line, i) =>
      line === '' ? '' : indent + line + (i === last ? close + lineComment(tape) : ''),
    ),
  };
}
